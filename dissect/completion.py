"""An argument parser, in: a completion script for a shell, out."""

import argparse
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from dissect.catalogue import CATALOG

WORDS = {"CODE": tuple(CATALOG)}
"""What is offered where a title stands for it, though the parser takes more than that, such as patterns."""

FILES = ("FILE", "OLD", "NEW", "OUT")
"""The titles that stand for a file, by themselves or with what its name ends in, as `FILE.toml`."""


@dataclass(frozen=True)
class Slot:
    """What may stand on the command line: an option and its values, or a positional, which has no names."""

    names: tuple[str, ...]
    title: str
    """What stands for its value: those of `FILES` and `DIR` are completed as such."""
    help: str
    words: dict[str, str]
    """The choices, or what of `WORDS` its title stands for, each with its help."""
    count: int
    """How many values it takes; an option that takes any number is completed once."""
    repeats: bool
    """Whether it is a positional that takes any number."""
    optional: bool
    """Whether it is a positional that may be left out."""

    @property
    def path(self) -> str:
        """Give `FILE` where its value is a file, `DIR` where it is a folder, and else ''."""
        return "FILE" if self.title.partition(".")[0] in FILES else "DIR" if self.title == "DIR" else ""


@dataclass(frozen=True)
class Verb:
    """A verb, or the command itself, whose name is empty."""

    name: str
    options: list[Slot]
    places: list[Slot]
    """A slot for each positional word; the last may repeat."""
    about: str
    epilog: str
    """What its help says first and last."""


def make_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Make the script by which one of `SHELLS` completes the command of this parser, and its verbs."""
    name = "_" + re.sub(r"\W", "_", parser.prog)
    return SHELLS[shell](read_verbs(parser), name, parser.prog)


def read_verbs(parser: argparse.ArgumentParser) -> list[Verb]:
    """Read the command itself, then its verbs."""
    verbs = [_read_verb("", parser)]
    for action in _list_actions(parser):
        if isinstance(action, argparse._SubParsersAction):
            verbs += [_read_verb(name, action.choices[name]) for name in _read_words(action, parser.prog)]
    return verbs


def _list_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a parser reads, without what it hides; argparse has no public name for it."""
    return [action for action in parser._actions if action.help != argparse.SUPPRESS]


def _read_verb(name: str, parser: argparse.ArgumentParser) -> Verb:
    """Read a parser, but not the verbs within."""
    slots = [_read_slot(action, parser.prog) for action in _list_actions(parser)]
    places = [slot for slot in slots if not slot.names for _ in range(slot.count)]
    end = next((place for place, slot in enumerate(places, 1) if slot.repeats), len(places))
    options = [slot for slot in slots if slot.names]
    return Verb(name, options, places[:end], parser.description or "", parser.epilog or "")


def _read_slot(action: argparse.Action, prog: str) -> Slot:
    """Read one action."""
    title = action.metavar or action.dest
    title = title if isinstance(title, str) else title[0]
    return Slot(
        names=tuple(action.option_strings),
        title=title,
        help=_read_help(action, prog),
        words=_read_words(action, prog),
        count=action.nargs if isinstance(action.nargs, int) else 1,
        repeats=not action.option_strings and action.nargs in ("*", "+", argparse.REMAINDER),
        optional=not action.option_strings and action.nargs in ("*", "?"),
    )


def _read_words(action: argparse.Action, prog: str) -> dict[str, str]:
    """Return what is offered for an action; its choices that are verbs have a line of help, which an alias shares."""
    if not isinstance(action, argparse._SubParsersAction):
        return {str(choice): "" for choice in action.choices or WORDS.get(str(action.metavar), ())}
    entries = {id(action.choices[entry.dest]): entry for entry in action._get_subactions()}
    told = {name: entries.get(id(parser)) for name, parser in action.choices.items()}
    lines = {name: _read_help(entry, prog) if entry else "" for name, entry in told.items()}
    return {name: line for name, line in lines.items() if line != argparse.SUPPRESS}


def _read_help(action: argparse.Action, prog: str) -> str:
    """Return the help on one line, with what argparse would fill in."""
    facts = {name: getattr(value, "__name__", value) for name, value in vars(action).items()}
    facts |= {"choices": ", ".join(map(str, action.choices or ())), "prog": prog}
    return " ".join(((action.help or "") % facts).split())


BASH = r"""# bash completion for @command
@name() {
    local cur=${COMP_WORDS[COMP_CWORD]} verb="" ended="" path="" words=() word i left=0 place=0
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == "=" ]]; then
            continue  # bash cuts --name=value into three words
        elif [[ -z $ended && $word == "--" ]]; then
            ended=1 left=0
        elif [[ -z $ended && $word == -?* ]]; then
            left=0
            case "$verb $word" in
                @values
            esac
        elif ((left > 0)); then
            left=$((left - 1))
        else
            place=$((place + 1))
            case "$verb $word" in
                @verbs
            esac
        fi
    done
    [[ $cur == "=" ]] && cur=""
    if [[ -z $ended && $cur == -* ]]; then
        path=""
        case "$verb" in
            @options
        esac
    elif ((left == 0)); then
        words=() path=""
        case "$verb $place" in
            @places
        esac
    fi
    for word in "${words[@]}"; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
    done
    if [[ -n $path ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -A "$path" -- "$cur")
    fi
}
complete -o default -F @name @command
"""


def _write_bash(verbs: list[Verb], name: str, command: str) -> str:
    """Write the script for bash: the function walks the words, then offers what fits where it ends."""
    starts, values, options, places = [], [], [], []
    for verb in verbs:
        if verb.name:
            starts.append(f"{shlex.quote(' ' + verb.name)}) verb=$word place=0 ;;")
        names = shlex.join(name for slot in verb.options for name in slot.names)
        options.append(f"{shlex.quote(verb.name)}) words=({names}) ;;")
        for slot in verb.options:
            if slot.count:
                pattern = "|".join(shlex.quote(f"{verb.name} {name}") for name in slot.names)
                values.append(f"{pattern}) left={slot.count} {_tell_bash(slot)} ;;")
        for place, slot in enumerate(verb.places):
            pattern = shlex.quote(verb.name + " ") + ("*" if slot.repeats else str(place))
            places.append(f"{pattern}) {_tell_bash(slot)} ;;")
    return _fill(BASH, name, shlex.quote(command), verbs=starts, values=values, options=options, places=places)


def _tell_bash(slot: Slot) -> str:
    """Return what completes a value."""
    path = {"FILE": "file", "DIR": "directory"}.get(slot.path, '""')
    return f"words=({shlex.join(slot.words)}) path={path}"


ZSH = r"""#compdef @command

@name() {
    local context curcontext="$curcontext" state state_descr line
    typeset -A opt_args
    _arguments -C -S -A "-*" \
        @specs
        && return
    [[ $state == verb ]] || return
    case $line[1] in
        @verbs
    esac
}

if [[ $funcstack[1] == @name ]]; then
    @name "$@"
else
    compdef @name @command
fi
"""


def _write_zsh(verbs: list[Verb], name: str, command: str) -> str:
    """Write the script for zsh: a call of `_arguments` for the command, and one a verb."""
    arms = [f"{shlex.quote(verb.name)}) _arguments -S {shlex.join(_list_specs(verb))} ;;" for verb in verbs[1:]]
    specs = _list_specs(verbs[0]) + (["*:: :->verb"] if arms else [])
    return _fill(ZSH, name, shlex.quote(command), specs=[f"{shlex.quote(spec)} \\" for spec in specs], verbs=arms)


def _list_specs(verb: Verb) -> list[str]:
    """Return the specifications of a verb's options and positionals."""
    specs = []
    for slot in verb.options:
        told = "[" + re.sub(r"([\\\[\]])", r"\\\1", slot.help) + "]" if slot.help else ""
        for name in slot.names:
            joint = "" if not slot.count else "=" if name.startswith("--") else "+"
            specs.append("*" + name.replace(":", r"\:") + joint + told + _tell_zsh(slot) * slot.count)
    return specs + [("*" if slot.repeats else "") + _tell_zsh(slot) for slot in verb.places]


def _tell_zsh(slot: Slot) -> str:
    """Return the title of a value and what completes it; a colon would end either."""
    action = {"FILE": "_files", "DIR": "_files -/"}.get(slot.path, " ")
    if any(slot.words.values()):
        pairs = [filter(None, pair) for pair in slot.words.items()]
        lines = [":".join(re.sub(r"([\\:])", r"\\\1", part) for part in pair) for pair in pairs]
        action = f"(({shlex.join(lines)}))"
    elif slot.words:
        action = f"({shlex.join(slot.words)})"
    return ":" + slot.title.replace(":", r"\:") + ":" + action.replace(":", r"\:")


FISH = r"""# fish completion for @command
function @name_at --description 'Tell whether this verb, and a place after it, is being completed'
    set -l verb ''
    set -l left 0
    set -l place 0
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if string match -qr -- '^-.' $word
            set left 0
            switch "$verb $word"
                @counts
            end
        else if test $left -gt 0
            set left (math $left - 1)
        else
            set place (math $place + 1)
            switch "$verb $word"
                @verbs
            end
        end
    end
    test "$verb" = "$argv[1]"; and begin
        not set -q argv[2]; or test $left -eq 0 -a $place $argv[2] $argv[3]
    end
end
complete -c @command -f
complete -c @command -n @lines
"""


def _write_fish(verbs: list[Verb], name: str, command: str) -> str:
    """Write the script for fish: a `complete` for each slot, on condition of where it stands."""
    counts, starts, lines = [], [], []
    for verb in verbs:
        if verb.name:
            starts.append(f"case {_quote_fish(' ' + verb.name)}; set verb $word; set place 0")
        here = f"{name}_at {_quote_fish(verb.name)}"
        for slot in verb.options:
            names = " ".join(_quote_fish(f"{verb.name} {name}") for name in slot.names)
            if slot.count:
                counts.append(f"case {names}; set left {slot.count}")
            lines.append(f"{_quote_fish(here)} {_tell_fish(slot)}")
        for place, slot in enumerate(verb.places):
            condition = f"{here} {'-ge' if slot.repeats else '-eq'} {place}"
            lines.append(f"{_quote_fish(condition)} {_tell_fish(slot)}")
    return _fill(FISH, name, _quote_fish(command), verbs=starts, counts=counts, lines=lines)


FISH_PATHS = {
    "FILE": "-r -F",
    "DIR": """-x -a '(__fish_complete_directories (commandline -ct | string replace -r "^-[^=]*=" ""))'""",
}


def _tell_fish(slot: Slot) -> str:
    """Return the names of a slot, what completes its value and its help."""
    words = _quote_fish(" ".join(_quote_fish(f"{word}\t{line}" if line else word) for word, line in slot.words.items()))
    flags = []
    for name in slot.names:
        kind = "-l" if name.startswith("--") else "-s" if len(name) == 2 else "-o"
        flags.append(f"{kind} {_quote_fish(name.lstrip('-'))}")
    if slot.count:
        flags.append(f"-x -a {words}" if slot.words else FISH_PATHS.get(slot.path, "-x"))
    if slot.help:
        flags.append(f"-d {_quote_fish(slot.help)}")
    return " ".join(flags)


def _quote_fish(text: str) -> str:
    """Quote a word for fish, where a backslash escapes within single quotes."""
    return "'" + re.sub(r"([\\'])", r"\\\1", text) + "'"


def _fill(template: str, name: str, command: str, **lines: list[str]) -> str:
    """Fill in a template, where a line that ends in `@lines` is repeated for each of them."""
    script = template.replace("@name", name).replace("@command", command)
    return re.sub(r"^(.*)@(\w+)\n", lambda at: "".join(f"{at[1]}{line}\n" for line in lines[at[2]]), script, flags=re.M)


SHELLS: dict[str, Callable[[list[Verb], str, str], str]] = {"bash": _write_bash, "zsh": _write_zsh, "fish": _write_fish}
