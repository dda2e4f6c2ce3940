/*
 * sealtone: the command line. A client of the daemon's control API; init, backup, restore, show
 * FILE and file work offline.
 */
#include "admin/afterwards.h"
#include "admin/command.h"
#include "admin/output.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE   2
#define EXIT_CUT_OFF 3 /* a plan: phones would be */
#define KEY_FIRST    0x1000
#define KEY_DIR      'd'
#define KEY_JSON     'j'
#define KEY_FORCE    'f'
#define KEY_GROUPS   'g'
#define KEY_SHEET    's'
#define KEY_AFTER    0x2000

const char *argp_program_version = "sealtone 0.1.0";

/* What one call of argp works on. */
struct parse {
	const struct command *command;
	struct invocation *in;
};

/* Of every command that changes what phones trust. */
static const struct command_option after_options[] = {
	{ "reset", NULL, "then reset the phones that were added, a canary share first, in waves" },
	{ "canary", "PERCENT", "with --reset: so many go first (default: 5)" },
	{ "wave", "N", "with --reset: phones of each wave after them (default: 50; 0: all)" },
	{ "wait", "DURATION", "with --reset: so long each may take to come back (default: 10m)" },
	{ "tolerance", "PERCENT",
	    "with --reset: more of a wave not back, and it stops "
	    "(default: 5)" },
};
#define AFTER_OPTIONS (sizeof after_options / sizeof after_options[0])

static error_t
take_option(
    struct argp_state *state, struct parse *p, const struct command_option *option, char *arg)
{
	if (p->in->given_count == COMMAND_GIVEN_MAX)
		argp_error(state, "too many options");
	p->in->given[p->in->given_count].name = option->name;
	p->in->given[p->in->given_count].value = arg != NULL ? arg : "";
	p->in->given_count++;
	return 0;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;

	if (key >= KEY_FIRST && key < KEY_FIRST + COMMAND_OPTIONS_MAX)
		return take_option(state, p, &p->command->options[key - KEY_FIRST], arg);
	if (key >= KEY_AFTER && key < KEY_AFTER + (int)AFTER_OPTIONS)
		return take_option(state, p, &after_options[key - KEY_AFTER], arg);
	switch (key) {
	case KEY_DIR:
		p->in->dir = arg;
		p->in->dir_given = true;
		return 0;
	case KEY_JSON:
		p->in->json = true;
		return 0;
	case KEY_FORCE:
		p->in->force = arg;
		return 0;
	case KEY_SHEET:
		p->in->sheet = true;
		return 0;
	case KEY_GROUPS:
		p->in->groups = true;
		return 0;
	case ARGP_KEY_ARG:
		if (p->in->words == p->command->words_max)
			argp_error(state, "unexpected argument %s", arg);
		p->in->word[p->in->words++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (p->in->words < p->command->words_min)
			argp_error(state, "missing argument: %s", p->command->args);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Those that every plan has besides. */
static size_t
plan_options(struct argp_option *options)
{
	options[0] = (struct argp_option){ .name = "groups",
		.key = KEY_GROUPS,
		.doc = "one by one by the lists that phones may hold, not summed up" };
	options[1] = (struct argp_option){ .name = "sheet",
		.key = KEY_SHEET,
		.doc = "only a sheet to print, with what the users of lost phones have to do" };
	return 2;
}

static bool
is_plan(const struct command *command, const struct invocation *in)
{
	return in->plan || strncmp(command->name, "plan ", strlen("plan ")) == 0;
}

static size_t
add_options(struct argp_option *out, const struct command_option *in, size_t count, int key)
{
	size_t n = 0;

	for (; in != NULL && n < count && in[n].name != NULL; n++)
		out[n] = (struct argp_option){
			.name = in[n].name, .key = key + (int)n, .arg = in[n].arg, .doc = in[n].doc
		};
	return n;
}

/* Parses the rest of the line as that command's. Exits itself for --help and wrong usage. */
static void
parse_rest(const struct command *command, int argc, char **argv, struct invocation *in)
{
	struct argp_option options[COMMAND_OPTIONS_MAX + AFTER_OPTIONS + 6] = { 0 };
	const struct argp argp = { options, parse_option, command->args, command->doc, NULL, NULL,
		NULL };
	struct parse p = { command, in };
	size_t n = add_options(options, command->options, COMMAND_OPTIONS_MAX, KEY_FIRST);

	if (command->plans)
		n += add_options(options + n, after_options, AFTER_OPTIONS, KEY_AFTER);
	if (is_plan(command, in))
		n += plan_options(&options[n]);
	options[n++] = (struct argp_option){ .name = "dir",
		.key = KEY_DIR,
		.arg = "DIR",
		.doc = "the cluster's folder (default: $SEALTONE_DIR)" };
	options[n++] = (struct argp_option){ .name = "force",
		.key = KEY_FORCE,
		.arg = "CLUSTER",
		.doc = "the cluster's name: also when phones are cut off by it" };
	options[n] = (struct argp_option){ .name = "json", .key = KEY_JSON, .doc = "print JSON" };
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &p);
}

static void
print_help(FILE *out)
{
	fputs("usage: sealtone [--dir DIR] [--json] COMMAND ...\n\n", out);
	for (size_t i = 0; i < command_count; i++)
		fprintf(
		    out, "  %-16s %-18s %s\n", commands[i].name, commands[i].args, commands[i].doc);
	fputs("\nEvery command has --help. SEALTONE_DIR stands for --dir.\n"
	      "sealtone plan COMMAND ... says what a command that changes what phones trust would\n"
	      "come to for each of them, and changes nothing: exit 3 when one would be cut off.\n",
	    out);
}

/* "phone": the first word of several commands. */
static bool
is_in_group(const struct command *command, const char *group)
{
	size_t n = strlen(group);

	return strncmp(command->name, group, n) == 0 && command->name[n] == ' ';
}

/* sealtone phone --help: the commands that begin so; with plan all that can be planned. Gives
 * whether there are any. */
static bool
print_group(const char *group)
{
	bool some = false, plan = strcmp(group, "plan") == 0;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *one = &commands[i];

		if (!is_in_group(one, group) && !(plan && one->plans))
			continue;
		printf("  %s%-16s %-18s %s\n", plan && one->plans ? "plan " : "", one->name,
		    one->args, one->doc);
		some = true;
	}
	return some;
}

/* How many words of argv (from at on) the command's name has; 0: another command. */
static int
words_of(const struct command *command, int argc, char **argv, int at)
{
	const char *name = command->name;
	int n = 0;

	for (;;) {
		size_t len = strcspn(name, " ");

		if (at + n >= argc || strlen(argv[at + n]) != len ||
		    strncmp(argv[at + n], name, len) != 0)
			return 0;
		n++;
		if (name[len] == '\0')
			return n;
		name += len + 1;
	}
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0;
}

/* Options before the command; the index of its first word. */
static int
parse_front(int argc, char **argv, struct invocation *in)
{
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--json") == 0) {
			in->json = true;
		} else if (strncmp(argv[at], "--dir=", 6) == 0) {
			in->dir = argv[at] + 6;
			in->dir_given = true;
		} else if ((strcmp(argv[at], "--dir") == 0 || strcmp(argv[at], "-d") == 0) &&
			   at + 1 < argc) {
			in->dir = argv[++at];
			in->dir_given = true;
		} else if (is_help(argv[at])) {
			print_help(stdout);
			exit(EXIT_SUCCESS);
		} else if (strcmp(argv[at], "--version") == 0 || strcmp(argv[at], "-V") == 0) {
			puts(argp_program_version);
			exit(EXIT_SUCCESS);
		} else {
			fprintf(stderr, "sealtone: unknown option %s\n", argv[at]);
			exit(EXIT_USAGE);
		}
	}
	return at;
}

static int
run(const struct command *command, struct invocation *in)
{
	struct err e = { 0 };

	in->command = command;
	/* What was planned gives its command no answer to go on with. */
	if ((afterwards_check(in, command, &e) && command->run(in, &e) &&
		afterwards_begin(in, command, &e)) ||
	    (in->planned && !in->cuts_off)) {
		if (fflush(stdout) == 0 && !ferror(stdout))
			return EXIT_SUCCESS;
		err_sys(&e, "cannot write to standard output");
	}
	if (e.text[0] != '\0') {
		fputs("sealtone: ", stderr);
		output_clean(stderr, e.text);
		putc('\n', stderr);
	}
	return in->usage ? EXIT_USAGE : in->cuts_off ? EXIT_CUT_OFF : EXIT_FAILURE;
}

/* The command that the line from at on names; *words: of its name. NULL: none. */
static const struct command *
find_command(int argc, char **argv, int at, int *words)
{
	for (size_t i = 0; i < command_count; i++) {
		*words = words_of(&commands[i], argc, argv, at);
		if (*words > 0)
			return &commands[i];
	}
	return NULL;
}

/* Some plans are commands by themselves; else plan is a word before one that can be planned. */
static const struct command *
find_planned(int argc, char **argv, int *at, int *words, struct invocation *in)
{
	const struct command *command = find_command(argc, argv, *at, words);

	if (command != NULL || *at == argc || strcmp(argv[*at], "plan") != 0)
		return command;
	in->plan = true;
	(*at)++;
	command = find_command(argc, argv, *at, words);
	if (command == NULL || command->plans)
		return command;
	fprintf(stderr, "sealtone: %s changes nothing that phones trust: there is no plan\n",
	    command->name);
	exit(EXIT_USAGE);
}

int
main(int argc, char **argv)
{
	struct invocation in = { .dir = getenv("SEALTONE_DIR") };
	int at = parse_front(argc, argv, &in), words, status;
	const struct command *command = find_planned(argc, argv, &at, &words, &in);
	char name[64];

	if (command != NULL) {
		snprintf(name, sizeof name, "sealtone %s", command->name);
		argv[at + words - 1] = name;
		in.word = calloc((size_t)argc, sizeof *in.word);
		if (in.word == NULL)
			return EXIT_FAILURE;
		parse_rest(command, argc - at - words + 1, argv + at + words - 1, &in);
		status = run(command, &in);
		free(in.word);
		return status;
	}
	if (argc - at + in.plan == 2 && is_help(argv[argc - 1]) &&
	    print_group(in.plan ? "plan" : argv[at]))
		return EXIT_SUCCESS;
	if (at < argc)
		fprintf(stderr, "sealtone: no command %s%s%s; sealtone --help lists them\n",
		    argv[at], at + 1 < argc ? " " : "", at + 1 < argc ? argv[at + 1] : "");
	else
		print_help(stderr);
	return EXIT_USAGE;
}
