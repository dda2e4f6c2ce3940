#include "admin/command.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
invocation_option(const struct invocation *in, const char *name)
{
	for (size_t i = in->given_count; i > 0; i--)
		if (strcmp(in->given[i - 1].name, name) == 0)
			return in->given[i - 1].value;
	return NULL;
}

bool
invocation_names(const struct invocation *in)
{
	return in->json || in->groups;
}

/* --- what was typed --- */

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,:/=@+%"

/* In quotes where a shell would take it apart. */
static void
put_word(FILE *to, const char *word)
{
	if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
		fputs(word, to);
		return;
	}
	putc('\'', to);
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", to);
		else
			putc(*word, to);
	putc('\'', to);
}

static bool
takes_value(const struct command *command, const char *name)
{
	for (const struct command_option *o = command->options; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o->arg != NULL;
	return false;
}

char *
invocation_text(const struct invocation *in)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return mem_text(in->command->name, strlen(in->command->name));
	fputs(in->command->name, to);
	for (size_t i = 0; i < in->words; i++) {
		putc(' ', to);
		put_word(to, in->word[i]);
	}
	for (size_t i = 0; i < in->given_count; i++) {
		fprintf(to, " --%s", in->given[i].name);
		if (in->given[i].value[0] != '\0' || takes_value(in->command, in->given[i].name)) {
			putc(' ', to);
			put_word(to, in->given[i].value);
		}
	}
	(void)fclose(to);
	return text;
}

bool
invocation_usage(struct invocation *in, struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	in->usage = true;
	return err_set(e, ERR_MALFORMED, "%s", text);
}
