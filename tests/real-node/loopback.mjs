// Servers on 127.0.0.1 only.

/** Starts an HTTP server on a port, or on a free one when the port is 0; returns the port it got. */
export async function listen(server, port) {
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server.address().port;
}

/** The text of a request's body. */
export async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
