#include "rules/keysize.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>

#define NAMES_MAX 160

void
keysize_add(struct keysize *k, const struct model *m)
{
	unsigned long largest;

	if (!text_number(m->cell[MODELTABLE_KEY_MAX].value, 1, UINT_MAX, &largest) ||
	    largest >= k->bits)
		return;
	if (k->too_small == 0 || largest < k->taken)
		k->taken = (unsigned)largest;
	if (k->too_small < KEYSIZE_NAMED_MAX)
		k->named[k->too_small] = m;
	k->too_small++;
}

bool
keysize_check(const struct keysize *k, struct err *e)
{
	const size_t named = k->too_small < KEYSIZE_NAMED_MAX ? k->too_small : KEYSIZE_NAMED_MAX;
	char names[NAMES_MAX], more[NAMES_MAX / 4] = "";
	size_t n = 0;

	if (k->too_small == 0)
		return true;
	for (size_t i = 0; i < named; i++)
		n += (size_t)snprintf(
		    names + n, sizeof names - n, "%s%s", i > 0 ? ", " : "", k->named[i]->name);
	if (k->too_small > named)
		snprintf(more, sizeof more, " and %zu more", k->too_small - named);
	return err_set(e, ERR_REFUSED,
	    "a key of RSA %u bits is larger than phones take: at most %u bits by models %s%s; "
	    "--force-size makes it so all the same",
	    k->bits, k->taken, names, more);
}
