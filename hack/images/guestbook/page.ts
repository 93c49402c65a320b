/** What one visitor may write, in characters. */
const MAX_ENTRY_LENGTH = 280;

/** An entry that cannot be taken; the message is for the visitor. */
export class EntryError extends Error {
  override readonly name = "EntryError";
}

/**
 * The entry in a posted form.
 * @throws EntryError
 */
export function entryIn(form: string): string {
  const entry = new URLSearchParams(form).get("entry")?.trim() ?? "";
  if (entry === "") throw new EntryError("entry is empty; write something");
  if (entry.length > MAX_ENTRY_LENGTH) {
    throw new EntryError(
      `entry has ${entry.length} characters; at most ${MAX_ENTRY_LENGTH} fit into the guestbook`,
    );
  }
  return entry;
}

/** The guestbook as a page, newest entry first. */
export function pageOf(entries: readonly string[]): string {
  const rows = entries.map((entry) => `<li>${escaped(entry)}</li>`).toReversed();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Guestbook</title>
<h1>Guestbook</h1>
<form method="post" action="/entries">
<input name="entry" maxlength="${MAX_ENTRY_LENGTH}" required aria-label="Entry">
<button>Write</button>
</form>
<ul>
${rows.join("\n")}
</ul>
</html>
`;
}

function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character] ?? "");
}
