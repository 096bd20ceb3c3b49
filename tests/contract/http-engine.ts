import { ENGINE_METHODS, type EngineApi, type Progress, type Reply } from '../../protocol/index.ts';

/** The HTTP API as an EngineApi, the way a script would use it. */
export function httpEngine(port: number, token: string): EngineApi {
  const call = async (
    method: string,
    argument: unknown,
    onProgress?: (progress: Progress) => void,
  ): Promise<Reply<unknown>> => {
    if (method === 'status')
      return (await (
        await fetch(`http://127.0.0.1:${port}/api/status`, { headers: { authorization: `Bearer ${token}` } })
      ).json()) as Reply<unknown>;
    const response = await fetch(`http://127.0.0.1:${port}/api/${method}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: onProgress ? 'application/x-ndjson' : 'application/json',
      },
      body: JSON.stringify(
        typeof argument === 'string' ? { [method === 'cancel' ? 'requestId' : 'sourceId']: argument } : argument,
      ),
    });
    return onProgress ? readLines(response, onProgress) : ((await response.json()) as Reply<unknown>);
  };
  const methods = Object.fromEntries(
    ENGINE_METHODS.map((name) => [
      name,
      (argument: unknown, onProgress?: (p: Progress) => void) => call(name, argument, onProgress),
    ]),
  );
  return methods as unknown as EngineApi;
}

async function readLines(response: Response, onProgress: (progress: Progress) => void): Promise<Reply<unknown>> {
  let rest = '';
  let reply: Reply<unknown> | undefined;
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as { progress?: Progress; reply?: Reply<unknown> };
      if (message.progress) onProgress(message.progress);
      reply = message.reply ?? reply;
    }
  }
  if (reply === undefined) throw new Error('the answer ended without a reply');
  return reply;
}
