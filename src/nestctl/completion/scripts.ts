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
  zsh: `#compdef nestctl
# zsh completion of nestctl
_nestctl() {
  local -a found
  local line
  for line in "\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] || found+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  (( \${#found} )) && _describe nestctl found || _files
}
if [[ $funcstack[1] == _nestctl ]]; then _nestctl "$@"; else compdef _nestctl nestctl; fi
`,
  fish: `# fish completion of nestctl
function __nestctl_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null | string match --invert --regex '^:'
end
complete -c nestctl -a '(__nestctl_complete)'
`,
} as const;

export function scriptOf(shell: keyof typeof SCRIPTS): string {
  return SCRIPTS[shell];
}
