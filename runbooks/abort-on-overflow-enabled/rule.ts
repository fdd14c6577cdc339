import { rate } from '#diagnosis/accept-walk.ts';
import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { fact, setting } from '#domain/fact.ts';
import { found, ruledOut } from '#domain/verdict.ts';

const KEY = 'sysctl:net.ipv4.tcp_abort_on_overflow';

export const diagnosis = defineDiagnosis({
  id: 'abort-on-overflow-enabled',
  area: 'accept-queue',
  needs: [KEY],
  usesChange: ['counter:TcpExt.ListenOverflows', 'counter:TcpExt.EmbryonicRsts'],

  judge({ now, maybeChange }) {
    const overflows = rate(maybeChange['counter:TcpExt.ListenOverflows']);
    const facts = {
      value: setting(now[KEY], KEY),
      overflows: fact(overflows, 'per-second', 'counter:TcpExt.ListenOverflows / seconds, all listeners'),
      overflowing: fact(overflows === null ? null : overflows > 0, 'none', 'overflows > 0'),
      resets: fact(
        rate(maybeChange['counter:TcpExt.EmbryonicRsts']),
        'per-second',
        'counter:TcpExt.EmbryonicRsts / seconds, all listeners',
      ),
    };
    return now[KEY] === 0 ? ruledOut(facts) : found('warn', facts);
  },
});
