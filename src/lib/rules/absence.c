#include "rules/absence.h"

#include <stdio.h>

#define NAME_SHOWN 100

const char *
absence_needs_name(enum absence_needs n)
{
	static const char *const names[] = { "nothing", "tvs", "keys", "hands", "unknown" };

	return names[n];
}

static void
bridged(const struct cert *signer, const struct cert *tftp, struct absence *out)
{
	int n = snprintf(out->text, sizeof out->text,
	    "two boots: a bridge by the key of %.*s, then the list of everybody", NAME_SHOWN,
	    cert_subject_cucm(signer));

	out->boots = 2;
	out->needs = ABSENCE_KEYS;
	if (tftp != NULL)
		n += snprintf(out->text + n, sizeof out->text - (size_t)n,
		    "; until then its files are signed by that of %.*s", NAME_SHOWN,
		    cert_subject_cucm(tftp));
	snprintf(out->text + n, sizeof out->text - (size_t)n, ". Do not purge %s before it is back",
	    tftp != NULL ? "these keys" : "that key");
}

void
absence_of(enum handout_outcome outcome, const struct cert *signer, const struct cert *tftp,
    struct absence *out)
{
	static const struct absence plain[HANDOUT_OUTCOMES] = {
		[HANDOUT_KEEPS] = { 1, ABSENCE_NOTHING,
		    "one boot, whenever it comes, until the signer of lists is changed again" },
		[HANDOUT_CTL] = { 1, ABSENCE_NOTHING,
		    "one boot, whenever it comes, until the signer of lists is changed again" },
		[HANDOUT_TVS] = { 1, ABSENCE_TVS,
		    "one boot, in which it must reach TVS; let the certificate of TVS stay as it "
		    "is until it is back" },
		[HANDOUT_RETIRED_KEY] = { 2, ABSENCE_KEYS, "two boots: a bridge, then the list" },
		[HANDOUT_LOST] = { 0, ABSENCE_HANDS,
		    "it goes on with what it holds, and refuses what is served, until somebody "
		    "erases its lists" },
		[HANDOUT_UNKNOWN] = { 0, ABSENCE_UNKNOWN,
		    "it takes whatever comes in one boot if it holds no list; else that list "
		    "decides" },
	};

	*out = plain[outcome];
	if (signer != NULL)
		bridged(signer, tftp, out);
}
