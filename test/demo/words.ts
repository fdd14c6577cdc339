/** What the demo says in the terminal. */
export const WORDS = {
  en: {
    hosts: 'Starting 6 hosts on this machine: namespaces, each with an sshd of its own...',
    troubles: 'Breaking four of them: web-01, api-01, cache-01, nat-01...',
    bot: 'Starting a Slack on this machine, and tcp-oncall...',
    ready: (url: string) => `
  Open  ${url}

  You are alice, on call. Type in #oncall:
    /tcp check web-01     connections to the database fail
  Press Fix on the card, say why, and ask for approval. You may not approve
  your own: switch to bob at the top left, press Approve, and watch the thread.
  He may keep it, or leave it alone: then the host undoes it by itself.

    /tcp check api-01     requests hang, and no sysctl helps
    /tcp check nat-01     a line from an old article: another fix to try
    /tcp help             everything else
  yuki reads Japanese, and may apply a change alone in an emergency.

  Ctrl-C ends everything.`,
    callForHelp:
      'Since 03:04 checkout fails: web-01 cannot connect to the database (EADDRNOTAVAIL). Can somebody look?',
    kernels: {
      guests:
        'Starting two machines that really boot (QEMU, GRUB, Debian) and a host that builds. The first time, small kernels are compiled: some minutes...',
      ready: (url: string) => `
  Open  ${url}

  You are alice, on call. Type in #oncall:
    /tcp kernel build for web-01 timewait=5 because the bank does no timestamps
  Both hosts are checked, and the request appears in the thread of the check.
  You may not approve your own: switch to bob at the top left, press Build, and
  watch the thread; then Install, Reboot, and Keep. TIME_WAIT stands there as it
  was measured before and after.

    /tcp kernel build for web-02 timewait=5 because as on web-01
  somebody has trimmed its configuration: that kernel panics, and web-02 is back
  on the old one by itself
    /tcp kernel status    builds under way

  Ctrl-C ends everything.`,
      callForHelp:
        'web-01 runs out of ports towards the bank. Its gateway does no timestamps, and we cannot keep connections open. Can somebody look?',
    },
    down: 'Taking everything down...',
    gone: 'Nothing is left behind.',
  },
  ja: {
    hosts: 'このマシンにホストを6台用意しています（名前空間ごとに sshd を1つ）...',
    troubles: 'そのうち4台（web-01、api-01、cache-01、nat-01）を壊しています...',
    bot: 'このマシンで動く Slack と tcp-oncall を起動しています...',
    ready: (url: string) => `
  ブラウザで開いてください:  ${url}

  あなたはオンコール担当の yuki です。#oncall に入力してみてください:
    /tcp check web-01     データベースへの接続が失敗している
  カードの「対処」を押し、理由を書いて承認を依頼してください。自分の依頼は自分では承認できません。
  左上で bob に切り替えて Approve を押し、スレッドを見ていてください。
  確定（Keep）もできますし、放っておけばホストが自動で元に戻します。

    /tcp check api-01     リクエストが返ってこない（sysctl では直らない）
    /tcp check nat-01     古い記事にある設定が残っている（別の対処を試せる）
    /tcp help             そのほかのコマンド
  alice と bob は英語で読みます。yuki は緊急時に1人で適用することもできます。

  Ctrl-C ですべて終了します。`,
    callForHelp:
      '03:04 から決済が失敗しています。web-01 が DB につながりません（EADDRNOTAVAIL）。誰か見てもらえますか？',
    kernels: {
      guests:
        '実際に起動するマシンを2台（QEMU、GRUB、Debian）と、ビルドするホストを用意しています。初回は小さなカーネルをコンパイルするため、数分かかります...',
      ready: (url: string) => `
  ブラウザで開いてください:  ${url}

  あなたはオンコール担当の yuki です。#oncall に入力してみてください:
    /tcp kernel build for web-01 timewait=5 because 銀行側がタイムスタンプ非対応
  両方のホストを確認したあと、チェックのスレッドに依頼が出ます。
  自分の依頼は自分では承認できません。左上で bob に切り替えて Build を押し、スレッドを見ていてください。
  続けて Install、Reboot、Keep と進めます。前後で測った TIME_WAIT がスレッドに並びます。

    /tcp kernel build for web-02 timewait=5 because web-01 と同じ
  web-02 は設定が削られているため、新しいカーネルはパニックし、自動で元のカーネルに戻ります
    /tcp kernel status    進行中のビルド

  Ctrl-C ですべて終了します。`,
      callForHelp:
        'web-01 から銀行への接続でポートが足りません。相手はタイムスタンプ非対応で、接続も使い回せません。誰か見てもらえますか？',
    },
    down: '片付けています...',
    gone: 'すべて片付けました。',
  },
} as const;
