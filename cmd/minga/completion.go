// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCommand is `minga completion`.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints what the shell reads. It is made of the command line itself, so that it
// knows every command of this version and no other.
func (a completionCommand) Run(t *terminal) error {
	script := map[string]func([]choice) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[a.Shell](choices(t.model))
	return t.print(map[string]string{"shell": a.Shell, "script": script}, func(w io.Writer) { fmt.Fprint(w, script) })
}

// choice is what may follow the words of a command.
type choice struct {
	path  string // the commands so far, each after a space; empty: minga alone
	words []string
}

// choices lists them for every command, the program itself first. What it offers are
// lower-case words and flags: nothing in it needs quoting.
func choices(model *kong.Application) []choice {
	var all []choice
	var walk func(node *kong.Node, path string)
	walk = func(node *kong.Node, path string) {
		here := choice{path: path}
		for _, child := range node.Children {
			if !child.Hidden && child.Type == kong.CommandNode {
				here.words = append(here.words, child.Name)
			}
		}
		for _, arg := range node.Positional {
			here.words = append(here.words, slices.DeleteFunc(arg.EnumSlice(), func(word string) bool { return word == "" })...)
		}
		for _, flag := range node.Flags {
			if !flag.Hidden {
				here.words = append(here.words, "--"+flag.Name)
			}
		}
		all = append(all, here)
		for _, child := range node.Children {
			if child.Type == kong.CommandNode {
				walk(child, path+" "+child.Name)
			}
		}
	}
	walk(model.Node, "")
	return all
}

// cases writes the choices as the branches of a shell's case.
func cases(all []choice, branch string) string {
	var b strings.Builder
	for _, one := range all {
		fmt.Fprintf(&b, branch, one.path, strings.Join(one.words, " "))
	}
	return b.String()
}

// bashScript is for bash 4 and newer. Flags of minga itself may follow every command.
func bashScript(all []choice) string {
	return `# bash completion for minga
_minga_words() {
    case $1 in
` + cases(all, "        '%s') printf '%%s ' %s ;;\n") + `    esac
}
_minga() {
    local cur=${COMP_WORDS[COMP_CWORD]} path= word words i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        words=" $(_minga_words "$path")"
        [[ $word != -* && $words == *" $word "* ]] && path+=" $word"
    done
    words=$(_minga_words "$path")
    [[ $cur == -* && -n $path ]] && words+=$(_minga_words '')
    # shellcheck disable=SC2207 # no word has a space
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _minga minga
`
}

// zshScript is for zsh 5.
func zshScript(all []choice) string {
	return `#compdef minga
_minga_words() {
    case $1 in
` + cases(all, "        '%s') reply=(%s) ;;\n") + `        *) reply=() ;;
    esac
}
_minga() {
    local at= word
    local -a reply offers
    for word in ${words[2,CURRENT-1]}; do
        _minga_words "$at"
        [[ $word != -* ]] && (( ${reply[(Ie)$word]} )) && at+=" $word"
    done
    _minga_words "$at"
    offers=($reply)
    if [[ ${words[CURRENT]} == -* ]]; then
        _minga_words ''
        offers+=($reply)
    fi
    compadd -- $offers
    _files
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _minga "$@"
else
    compdef _minga minga
fi
`
}

// fishScript is for fish 3.
func fishScript(all []choice) string {
	return `# fish completion for minga
function __minga_words
    switch "$argv[1]"
` + cases(all, "        case '%s'\n            printf '%%s\\n' %s\n") + `    end
end
function __minga_offers
    set -l at ''
    for word in (commandline -opc)[2..-1]
        if not string match -q -- '-*' $word; and contains -- $word (__minga_words "$at")
            set at "$at $word"
        end
    end
    __minga_words "$at"
    __minga_words ''  | string match -- '-*'
end
complete -c minga -a '(__minga_offers)'
`
}
