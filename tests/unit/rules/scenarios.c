#include "scenarios.h"

#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
	const char *text;
	unsigned value;
};

static const struct word generations[] = { { "G8", G8 }, { "G10", G10 }, { "G12", G12 }, { 0 } };

static const struct word ctls[] = { { "none", NO_CTL }, { "token", TOKEN },
	{ "tokenless", TOKENLESS }, { 0 } };

static const struct word keys[] = {
	{ "cm1", BIT(CM1) },
	{ "cm2", BIT(CM2) },
	{ "tvs1", BIT(TVS1) },
	{ "tvs2", BIT(TVS2) },
	{ "rec", BIT(REC) },
	{ "capf", BIT(CAPF) },
	{ "web", BIT(WEB) },
	{ "ec", BIT(EC) },
	{ "node", BIT(CM1) | BIT(TVS1) | BIT(CAPF) | BIT(WEB) | BIT(EC) },
	{ 0 },
};

static const struct word circumstances[] = {
	{ "emptied", EMPTIED },
	{ "ctl-updated", CTL_UPDATED },
	{ "tvs-stopped", TVS_STOPPED },
	{ "other-node", OTHER_NODE },
	{ "moved", MOVED },
	{ "old-gone", OLD_GONE },
	{ "prepared", PREPARED },
	{ "factory", FACTORY },
	{ "ctl-without-recovery", CTL_WITHOUT_REC },
	{ "not-reset", NOT_RESET },
	{ "other-signer", OTHER_SIGNER },
	{ "restored", RESTORED },
	{ "damaged", DAMAGED },
	{ "prepared-callmanager", PREPARED_CALLMANAGER },
	{ "no-ctl", NO_CTL_SERVED },
	{ 0 },
};

static const struct word hows[] = { { "none", NO }, { "rejected", RE }, { "blind", BL },
	{ "record", DI }, { "tvs", TV }, { 0 } };

static const struct word truths[] = { { "no", false }, { "yes", true }, { 0 } };

/* All words of a cell, or-ed. */
static bool
read_words(const char *cell, const struct word *words, unsigned *out)
{
	char copy[128], *rest = copy, *one;
	const struct word *w;

	snprintf(copy, sizeof copy, "%s", cell);
	*out = 0;
	while ((one = strsep(&rest, " ")) != NULL) {
		if (*one == '\0')
			continue;
		for (w = words; w->text != NULL && strcmp(w->text, one) != 0; w++)
			;
		if (w->text == NULL) {
			fprintf(stderr, "matrix.csv: \"%s\" is no word for this column\n", one);
			return false;
		}
		*out |= w->value;
	}
	return true;
}

static bool
read_row(char *line, struct row *r)
{
	static const struct word *const words[] = { generations, ctls, NULL, keys, circumstances,
		hows, hows, hows, hows, hows, truths };
	unsigned value[sizeof words / sizeof words[0]] = { 0 };
	const char *cell = strsep(&line, ",");

	snprintf(r->id, sizeof r->id, "%s", cell);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		cell = strsep(&line, ",");
		if (cell == NULL || (words[i] != NULL && !read_words(cell, words[i], &value[i]))) {
			fprintf(stderr, "matrix.csv: row %s\n", r->id);
			return false;
		}
		if (words[i] == NULL)
			value[i] = *cell == '2' ? 2 : 1;
	}
	r->gens = value[0];
	r->ctl = (enum ctl)value[1];
	r->servers = value[2];
	r->changed = value[3];
	r->flags = value[4];
	r->want_ctl = (enum trust_boot_how)value[5];
	r->want_itl = (enum trust_boot_how)value[6];
	r->want_config = (enum trust_boot_how)value[7];
	r->want_https = (enum trust_boot_how)value[8];
	r->want_capf = (enum trust_boot_how)value[9];
	r->lost = value[10];
	return true;
}

static bool
read_line(char *line, struct scenarios *out)
{
	if (*line == '\0' || *line == '#' || strncmp(line, "id,", 3) == 0)
		return true;
	if (out->count == SCENARIOS_MAX || out->elsewhere_count == SCENARIOS_MAX)
		return false;
	if (strncmp(line, "- ", 2) == 0)
		return sscanf(line, "- %15s", out->elsewhere[out->elsewhere_count++]) == 1;
	return read_row(line, &out->row[out->count++]);
}

bool
scenarios_read(struct scenarios *out)
{
	struct bytes file;
	char *text, *rest, *line;
	bool ok = true;

	*out = (struct scenarios){ 0 };
	if (!vectors_read("scenarios/matrix.csv", &file))
		return false;
	text = rest = strndup((const char *)file.p, file.n);
	while (ok && (line = strsep(&rest, "\n")) != NULL)
		ok = read_line(line, out);
	free(text);
	bytes_free(&file);
	return ok;
}

bool
scenarios_has(const struct scenarios *s, const char *number)
{
	size_t n = strlen(number);

	for (size_t i = 0; i < s->count; i++)
		if (strncmp(s->row[i].id, number, n) == 0 && s->row[i].id[n] == ' ')
			return true;
	for (size_t i = 0; i < s->elsewhere_count; i++)
		if (strcmp(s->elsewhere[i], number) == 0)
			return true;
	return false;
}
