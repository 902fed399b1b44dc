import { textSettings } from "./config";

/**
 * A setting of the mesh from the text that a stack's config has of it. Maps, numbers and booleans are JSON; everything else
 * is the text itself. A text that looks like one of them keeps its letters.
 */
export function settingOf(name: string, text: string): unknown {
  if (textSettings.includes(name)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
