/** What a thread of judge-threads.ts runs: one question after the other. Nothing here is trusted to end. */
import { parentPort } from 'node:worker_threads';
import { examine, type Question } from '#app/examine.ts';
import { loadDiagnoses, loadFixes } from '#catalogue.ts';
import { SOURCES } from '#evidence/sources.ts';

const [catalogue, fixes] = await Promise.all([loadDiagnoses(), loadFixes()]);

parentPort?.on('message', (question: Question) => {
  try {
    parentPort?.postMessage({ kind: 'answer', ...examine(question, { catalogue, fixes, sources: SOURCES }) });
  } catch (error) {
    parentPort?.postMessage({ kind: 'thrown', why: error instanceof Error ? error.message : String(error) });
  }
});
parentPort?.postMessage('ready');
