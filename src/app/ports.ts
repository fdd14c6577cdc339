/** What the use cases need from the world; the composition root hands in the real ones. */
import type { Host } from '#domain/host.ts';
import type { RunRequest, RunResult } from '#domain/run.ts';

/** Runs one command on one host over SSH; never throws for anything that can happen to a host or a network. */
export type RunOnHost = (host: Host, request: RunRequest) => Promise<RunResult>;
