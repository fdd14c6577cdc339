import { judgeOverflow } from '#diagnosis/accept-queue-overflow.ts';
import { WALK } from '#diagnosis/accept-walk.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';

export const diagnosis = defineDiagnosis({
  id: 'accept-queue-overflow-somaxconn',
  area: 'accept-queue',
  ...WALK,
  // The SYN queue has the same limit, and connections that the accept queue refuses stay in it.
  explains: ['syn-queue-overflow'],
  judge: (given) => judgeOverflow('somaxconn', given),
});
