/** Long enough for a slow network, short enough to wait for one that is not there. */
const patience = 5000;

/** The answer to a request. Throws within seconds where the server cannot be reached or has no such file. */
export async function request(url: string, method: "GET" | "HEAD" = "GET"): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  const host = new URL(url).host;
  try {
    const response = await fetch(url, { method, signal: giveUp.signal });
    if (!response.ok) throw new Error(`${host} answers ${response.status}`);
    return response;
  } catch (error) {
    if (error instanceof TypeError || giveUp.signal.aborted) throw new Error(`${host} cannot be reached`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
