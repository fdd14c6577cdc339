/** What a shell runs to complete our words: each asks `tcp-oncall __complete`, and falls back on file names. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** `__complete` gets the words up to the one under the cursor, which may be empty, and prints one candidate a line. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_tcp_oncall() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <("$1" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tcp_oncall tcp-oncall
`,
  zsh: `#compdef tcp-oncall
_tcp_oncall() {
  local -a candidates
  candidates=("\${(@f)$("$words[1]" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then compadd -- "\${candidates[@]}"; else _files; fi
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
compdef _tcp_oncall tcp-oncall
`,
  fish: `function __tcp_oncall_complete
  set -l words (commandline -opc)
  $words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c tcp-oncall -a '(__tcp_oncall_complete)'
`,
};

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
