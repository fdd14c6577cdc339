/** What the demo says in the terminal. */
export const WORDS = {
  en: {
    hosts: 'Starting 6 hosts on this machine: namespaces, each with an sshd of its own...',
    troubles: 'Breaking three of them: web-01, api-01, cache-01...',
    bot: 'Starting a Slack on this machine, and tcp-oncall...',
    ready: (url: string) => `
  Open  ${url}

  You are alice, on call. Type in #oncall:
    /tcp check web-01     connections to the database fail
    /tcp check api-01     requests hang
    /tcp help             everything else
  Switch to another person at the top left; yuki reads Japanese.

  Ctrl-C ends everything.`,
    callForHelp:
      'Since 03:04 checkout fails: web-01 cannot connect to the database (EADDRNOTAVAIL). Can somebody look?',
    down: 'Taking everything down...',
    gone: 'Nothing is left behind.',
  },
  ja: {
    hosts: 'このマシンにホストを6台用意しています（名前空間ごとに sshd を1つ）...',
    troubles: 'そのうち3台（web-01、api-01、cache-01）を壊しています...',
    bot: 'このマシンで動く Slack と tcp-oncall を起動しています...',
    ready: (url: string) => `
  ブラウザで開いてください:  ${url}

  あなたはオンコール担当の yuki です。#oncall に入力してみてください:
    /tcp check web-01     データベースへの接続が失敗している
    /tcp check api-01     リクエストが返ってこない
    /tcp help             そのほかのコマンド
  左上で別の人に切り替えられます（alice は英語で読みます）。

  Ctrl-C ですべて終了します。`,
    callForHelp:
      '03:04 から決済が失敗しています。web-01 が DB につながりません（EADDRNOTAVAIL）。誰か見てもらえますか？',
    down: '片付けています...',
    gone: 'すべて片付けました。',
  },
} as const;
