#include "daemon/eckeys.h"

#include "pki/cert.h"

#include <stdio.h>

#define NAMES_TEXT 256
#define COUNT_TEXT 128

static void
say_names(const struct store_ec_phones *f, char out[NAMES_TEXT])
{
	size_t all = f->ordering + f->holding;
	int n = 0;

	for (size_t i = 0; i < f->named; i++)
		n += snprintf(
		    out + n, NAMES_TEXT - (size_t)n, "%s%s", i > 0 ? ", " : "", f->name[i]);
	if (all > f->named)
		snprintf(out + n, NAMES_TEXT - (size_t)n, " and %zu more", all - f->named);
}

static void
say_counts(const struct store_ec_phones *f, char out[COUNT_TEXT])
{
	int n = 0;

	out[0] = '\0';
	if (f->ordering > 0)
		n = snprintf(out, COUNT_TEXT, "%zu %s EC keys (key-order)", f->ordering,
		    f->ordering == 1 ? "phone orders" : "phones order");
	if (f->holding > 0)
		snprintf(out + n, COUNT_TEXT - (size_t)n, "%s%zu %s no RSA key but an EC LSC",
		    n > 0 ? ", " : "", f->holding, f->holding == 1 ? "phone has" : "phones have");
}

bool
eckeys_check_profile(struct store *s, const struct profile *p, struct err *e)
{
	char names[NAMES_TEXT], counts[COUNT_TEXT];
	struct store_ec_phones f;

	if (!store_profile_ec_phones(s, p->name, &f, e))
		return false;
	if (f.ordering + f.holding == 0)
		return true;
	say_names(&f, names);
	say_counts(&f, counts);
	return err_set(e, ERR_REFUSED,
	    "profile %s: EC LSCs and encrypted configuration do not go together, and %s: %s; give "
	    "them LSCs by --key-order rsa-only first",
	    p->name, counts, names);
}

static bool
is_rsa(struct span der)
{
	struct cert *c = der.n > 0 ? cert_parse(der, NULL) : NULL;
	bool rsa = c != NULL && cert_is_rsa(c);

	cert_free(c);
	return rsa;
}

bool
eckeys_check_phone(struct store *s, const struct phone *p, const struct profile *profile,
    struct span new_mic, struct err *e)
{
	bool only_ec;

	if (!profile->encrypted_config || is_rsa(new_mic))
		return true;
	if (!store_phone_ec_only(s, p->device.name, &only_ec, e))
		return false;
	return !only_ec ||
	       err_set(e, ERR_REFUSED,
		   "EC LSCs and encrypted configuration do not go together: it has no RSA key but "
		   "an "
		   "EC LSC, and profile %s encrypts; give it an LSC by --key-order rsa-only first",
		   profile->name);
}
