import type { Socket } from "node:net";
import { VerbError } from "./protocol.ts";

const NEWLINE = 0x0a;

/**
 * Reads the first line off a socket and leaves what follows it, unread, on the paused socket. Of a socket that ends
 * before its line does, what came so far is the line.
 * @throws VerbError when the line is longer than `longest` bytes, or not there in time
 */
export function readHead(socket: Socket, longest: number, patienceMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("error", onError);
      act();
    };
    const onData = (data: Buffer): void => {
      received = Buffer.concat([received, data]);
      const end = received.indexOf(NEWLINE);
      if (end < 0 && received.length <= longest) return;
      if (end < 0 || end > longest) {
        settle(() => reject(new VerbError("BadRequest", `a line of more than ${longest} bytes`)));
        return;
      }
      settle(() => {
        const rest = received.subarray(end + 1);
        if (rest.length > 0) socket.unshift(rest);
        resolve(received.toString("utf8", 0, end));
      });
    };
    const onEnd = (): void => settle(() => resolve(received.toString("utf8")));
    const onError = (error: Error): void => settle(() => reject(error));
    const timer = setTimeout(() => {
      settle(() => reject(new VerbError("TimedOut", `no line within ${patienceMs / 1000} s`)));
    }, patienceMs);
    socket.on("data", onData).once("end", onEnd).once("error", onError);
  });
}
