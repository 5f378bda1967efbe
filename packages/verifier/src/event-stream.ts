const MAX_EVENT_LENGTH = 65_536;

/**
 * The `data` of server-sent events (WHATWG HTML §9.2.6); comments come as empty strings, because
 * they too show that the other side is alive. Ids and names are not looked at.
 *
 * @throws {Error} for an event of more than 65,536 characters
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  let data = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    text = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data += `${line.slice(line[5] === ' ' ? 6 : 5)}\n`;
      else if (line.startsWith(':')) yield '';
      else if (line === '' && data !== '') {
        yield data.slice(0, -1);
        data = '';
      }
    }
    if (text.length + data.length > MAX_EVENT_LENGTH) throw new Error('An event is too long');
  }
}
