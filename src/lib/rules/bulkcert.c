#include "rules/bulkcert.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct kind {
	const char *name;
	enum trust_store store[BULKCERT_STORES_MAX];
	size_t stores;
	bool signs; /* lists or files */
};

/*
 * migration.md, documented: CallManager and ITLRecovery into Phone-SAST-trust and
 * CallManager-trust. A real cluster puts CAPF's into CallManager-trust, for its TLS; here TVS would
 * then vouch for it as a signer of files, so it goes where LSCs are judged by it. There is no
 * tomcat-trust; TVS vouches for servers of HTTPS from phone-trust.
 */
static const struct kind kinds[BULKCERT_TYPES] = {
	[BULKCERT_CALLMANAGER] = { "CallManager", { TRUST_PHONE_SAST, TRUST_CALLMANAGER }, 2,
	    true },
	[BULKCERT_CALLMANAGER_EC] = { "CallManager-ECDSA", { TRUST_CALLMANAGER }, 1, true },
	[BULKCERT_ITLRECOVERY] = { "ITLRecovery", { TRUST_PHONE_SAST, TRUST_CALLMANAGER }, 2,
	    true },
	[BULKCERT_CAPF] = { "CAPF", { TRUST_CAPF }, 1, false },
	[BULKCERT_TVS] = { "TVS", { TRUST_TVS }, 1, false },
	[BULKCERT_TOMCAT] = { "tomcat", { TRUST_PHONE }, 1, false },
};

/* Longer ones before those that they begin with. */
static const struct word {
	const char *text;
	enum bulkcert_type type;
} words[] = {
	{ "callmanager-ecdsa", BULKCERT_CALLMANAGER_EC },
	{ "callmanager-ec", BULKCERT_CALLMANAGER_EC },
	{ "callmanager", BULKCERT_CALLMANAGER },
	{ "itlrecovery", BULKCERT_ITLRECOVERY },
	{ "capf", BULKCERT_CAPF },
	{ "tvs", BULKCERT_TVS },
	{ "tomcat-ecdsa", BULKCERT_TOMCAT },
	{ "tomcat", BULKCERT_TOMCAT },
	{ "web", BULKCERT_TOMCAT },
};

#define WORDS (sizeof words / sizeof words[0])

const char *
bulkcert_type_name(enum bulkcert_type t)
{
	return kinds[t].name;
}

bool
bulkcert_type_from_name(const char *name, enum bulkcert_type *out)
{
	for (size_t i = 0; i < WORDS; i++)
		if (strcasecmp(words[i].text, name) == 0) {
			*out = words[i].type;
			return true;
		}
	return false;
}

enum bulkcert_type
bulkcert_type_of_purpose(enum purpose p)
{
	static const enum bulkcert_type types[PURPOSE_COUNT] = {
		[PURPOSE_CALLMANAGER] = BULKCERT_CALLMANAGER,
		[PURPOSE_CALLMANAGER_EC] = BULKCERT_CALLMANAGER_EC,
		[PURPOSE_TVS] = BULKCERT_TVS,
		[PURPOSE_CAPF] = BULKCERT_CAPF,
		[PURPOSE_ITLRECOVERY] = BULKCERT_ITLRECOVERY,
		[PURPOSE_WEB] = BULKCERT_TOMCAT,
		[PURPOSE_CAPF_ISSUER] = BULKCERT_CAPF,
	};

	return types[p];
}

/* The word that stands here and ends here; NULL: none does. */
static const struct word *
word_at(const char *text)
{
	for (size_t i = 0; i < WORDS; i++) {
		size_t n = strlen(words[i].text);

		if (strncasecmp(text, words[i].text, n) == 0 && !isalnum((unsigned char)text[n]))
			return &words[i];
	}
	return NULL;
}

bool
bulkcert_type_of_file(const char *file_name, enum bulkcert_type *out)
{
	const struct word *first = word_at(file_name), *found = NULL;
	char before = '\0';

	for (const char *at = file_name; first == NULL && *at != '\0'; before = *at++) {
		const struct word *here = isalnum((unsigned char)before) ? NULL : word_at(at);

		if (here != NULL && found != NULL && here->type != found->type)
			return false;
		if (here == NULL)
			continue;
		found = here;
		at += strlen(here->text) - 1;
	}
	if (first != NULL)
		found = first;
	if (found != NULL)
		*out = found->type;
	return found != NULL;
}

void
bulkcert_label(enum bulkcert_type t, const char *whose, char out[BULKCERT_LABEL_MAX])
{
	snprintf(out, BULKCERT_LABEL_MAX, "%s %s", kinds[t].name, whose);
}

bool
bulkcert_type_of_label(const char *label, enum bulkcert_type *out)
{
	for (int t = 0; t < BULKCERT_TYPES; t++) {
		size_t n = strlen(kinds[t].name);

		if (strncmp(label, kinds[t].name, n) == 0 && label[n] == ' ') {
			*out = (enum bulkcert_type)t;
			return true;
		}
	}
	return false;
}

size_t
bulkcert_stores(enum bulkcert_type t, enum trust_store out[BULKCERT_STORES_MAX])
{
	memcpy(out, kinds[t].store, sizeof kinds[t].store);
	return kinds[t].stores;
}

bool
bulkcert_check(enum bulkcert_type t, const struct cert *c, struct err *e)
{
	return !kinds[t].signs || !cert_is_ca(c) ||
	       err_set(e, ERR_REFUSED,
		   "is a CA's: phones would be told to take what its key signs. Only a signer's "
		   "own "
		   "certificate is imported as %s; if it signs lists or files itself, trust add "
		   "takes it",
		   kinds[t].name);
}
