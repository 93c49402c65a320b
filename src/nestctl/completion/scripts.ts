/** Each asks `nestctl __complete WORD…` and leaves out the directive at the end. */
const SCRIPTS = {
  bash: `# bash completion of nestctl
_nestctl() {
  local IFS=$'\\n' word
  COMPREPLY=()
  for word in $("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    [[ $word == :* ]] || COMPREPLY+=("\${word%%$'\\t'*}")
  done
}
complete -o default -F _nestctl nestctl
`,
  // Only what stands before the first colon is a word, so that a word's own are escaped.
  zsh: `#compdef nestctl
# zsh completion of nestctl
_nestctl() {
  local -a found
  local line word tab=$'\\t'
  for line in "\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] && continue
    word=\${line%%$tab*}
    word=\${word//:/\\\\:}
    [[ $line == *$tab* ]] && word+=:\${line#*$tab}
    found+=("$word")
  done
  (( \${#found} )) && _describe nestctl found || _files
}
if [[ $funcstack[1] == _nestctl ]]; then _nestctl "$@"; else compdef _nestctl nestctl; fi
`,
  // It shows files beside the words unless it is told not to, and the variables that stand before a command.
  fish: `# fish completion of nestctl
function __nestctl_complete
  set -l words (commandline -opc) (commandline -ct)
  while set -q words[3]; and string match --quiet --regex '^\\w+=' -- $words[1]
    set --erase words[1]
  end
  set -l found ($words[1] __complete $words[2..-1] 2>/dev/null | string match --invert --regex '^:')
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path $words[-1]
  end
end
complete -c nestctl -f -a '(__nestctl_complete)'
`,
} as const;

export function scriptOf(shell: keyof typeof SCRIPTS): string {
  return SCRIPTS[shell];
}
