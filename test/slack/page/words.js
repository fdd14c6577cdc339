// What the page itself says; everything else was said by people and apps.
const WORDS = {
  en: {
    channels: 'Channels',
    apps: 'Apps',
    you: 'You are',
    language: '日本語',
    connected: 'app connected',
    notConnected: 'no app connected',
    onlyYou: 'Only visible to you',
    broadcast: 'Replied in a thread',
    edited: '(edited)',
    replies: (n) => `${n} ${n === 1 ? 'reply' : 'replies'}`,
    reply: 'Reply in thread',
    thread: 'Thread',
    close: 'Close',
    send: 'Send',
    message: (name) => `Message #${name}`,
    replyHere: 'Reply…',
    home: 'Home',
    emptyHome: 'Nothing here yet.',
    hint: 'Start here: type',
    shortcuts: 'Shortcuts',
    more: 'More actions',
    choose: 'Choose…',
    search: 'Search…',
    noneFound: 'Nothing found',
    cancel: 'Cancel',
    app: 'APP',
    failed: (error) =>
      ({
        operation_timeout: 'The app did not answer in time.',
        dispatch_failed: 'The app is not connected.',
        slash_commands_do_not_work_in_threads:
          'Slash commands do not work in threads: mention the app instead, @tcp-oncall check web-01.',
        missing_input: 'Please fill in what is missing.',
      })[error] ?? `That did not work (${error}).`,
  },
  ja: {
    channels: 'チャンネル',
    apps: 'アプリ',
    you: 'あなた:',
    language: 'English',
    connected: 'アプリ接続中',
    notConnected: 'アプリ未接続',
    onlyYou: 'あなただけに表示されています',
    broadcast: 'スレッドへの返信',
    edited: '（編集済み）',
    replies: (n) => `${n} 件の返信`,
    reply: 'スレッドで返信する',
    thread: 'スレッド',
    close: '閉じる',
    send: '送信',
    message: (name) => `#${name} へのメッセージ`,
    replyHere: '返信する…',
    home: 'ホーム',
    emptyHome: 'まだ何もありません。',
    hint: 'まずはここから。入力してみてください:',
    shortcuts: 'ショートカット',
    more: 'その他',
    choose: '選択…',
    search: '検索…',
    noneFound: '見つかりません',
    cancel: 'キャンセル',
    app: 'アプリ',
    failed: (error) =>
      ({
        operation_timeout: 'アプリが時間内に応答しませんでした。',
        dispatch_failed: 'アプリがつながっていません。',
        slash_commands_do_not_work_in_threads:
          'スレッドではスラッシュコマンドを使えません。@tcp-oncall check web-01 のようにメンションしてください。',
        missing_input: '未入力の項目があります。',
      })[error] ?? `うまくいきませんでした（${error}）。`,
  },
};

export function wordsFor(language) {
  return WORDS[language] ?? WORDS.en;
}
