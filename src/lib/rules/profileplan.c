#include "rules/profileplan.h"

#include <string.h>

#define BIT(effect) (1u << (effect))

static const struct {
	const char *name, *text, *remedy;
	bool bad;
} effects[PROFILEPLAN_EFFECTS] = {
	[PROFILEPLAN_WAITS] = { "waits",
	    "get no configuration, but a stub that leads to CAPF, until there is a certificate "
	    "with an RSA key to encrypt it for",
	    "install LSCs first (phone set NAME --operation install-upgrade), or give the MICs "
	    "(phone set NAME --mic FILE)",
	    true },
	[PROFILEPLAN_NEVER] = { "never", "get no configuration: their model opens no encrypted one",
	    "give them another profile first", true },
	[PROFILEPLAN_OPENED] = { "encrypted", "get their configuration encrypted", "", false },
	[PROFILEPLAN_READABLE] = { "readable",
	    "get a configuration that whoever asks for it can read", "", false },
	[PROFILEPLAN_TLS_NO_LSC] = { "no-lsc",
	    "are to register by TLS, and no LSC of theirs is on record",
	    "install LSCs first, or have the call manager trust the manufacturer's certificates",
	    true },
	[PROFILEPLAN_TLS_NO_CTL] = { "no-ctl",
	    "are to register by TLS, and no CTL names the call manager for them",
	    "sealtone ctl set-cluster mixed-mode, and reset the phones, first", true },
	[PROFILEPLAN_TLS] = { "tls", "register by TLS", "", false },
	[PROFILEPLAN_NO_TLS] = { "no-tls", "register without TLS; their lists stay as they are", "",
	    false },
	[PROFILEPLAN_URL] = { "urls", "ask TVS about the servers of the new secure URLs",
	    "sealtone tvs probe --https --cert FILE says whether TVS speaks for a server; if it "
	    "does not: sealtone trust add phone-trust FILE",
	    false },
};

static bool
is_tls(const struct profile *p)
{
	return p->mode == PROFILE_MODE_AUTHENTICATED || p->mode == PROFILE_MODE_ENCRYPTED;
}

static unsigned
of_encryption(const struct profile *before, const struct profile *after,
    const struct profileplan_phone *phone)
{
	if (before->encrypted_config == after->encrypted_config)
		return 0;
	if (!after->encrypted_config)
		return BIT(PROFILEPLAN_READABLE);
	if (!phone->model_encrypts)
		return BIT(PROFILEPLAN_NEVER);
	return phone->opens ? BIT(PROFILEPLAN_OPENED) : BIT(PROFILEPLAN_WAITS);
}

static unsigned
of_mode(const struct profile *before, const struct profile *after,
    const struct profileplan_phone *phone)
{
	unsigned missing = 0;

	if (is_tls(before) == is_tls(after))
		return 0;
	if (!is_tls(after))
		return BIT(PROFILEPLAN_NO_TLS);
	if (!phone->has_lsc)
		missing |= BIT(PROFILEPLAN_TLS_NO_LSC);
	if (!phone->has_ctl)
		missing |= BIT(PROFILEPLAN_TLS_NO_CTL);
	return missing != 0 ? missing : BIT(PROFILEPLAN_TLS);
}

static unsigned
of_urls(const struct profile *before, const struct profile *after)
{
	for (int i = 0; i < PROFILE_URL_COUNT; i++)
		if (after->url[i][0] != '\0' && strcmp(before->url[i], after->url[i]) != 0)
			return BIT(PROFILEPLAN_URL);
	return 0;
}

unsigned
profileplan_of(const struct profile *before, const struct profile *after,
    const struct profileplan_phone *phone)
{
	return of_encryption(before, after, phone) | of_mode(before, after, phone) |
	       of_urls(before, after);
}

const char *
profileplan_name(enum profileplan_effect f)
{
	return effects[f].name;
}

const char *
profileplan_text(enum profileplan_effect f)
{
	return effects[f].text;
}

const char *
profileplan_remedy(enum profileplan_effect f)
{
	return effects[f].remedy;
}

bool
profileplan_is_bad(enum profileplan_effect f)
{
	return effects[f].bad;
}
