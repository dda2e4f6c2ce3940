#include "rules/expiry.h"

#include "rules/phonefilter_match.h"

#include <stdio.h>
#include <string.h>

static const char *const own[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = "lists and configurations that it signs stay good; TLS to the call "
				"manager fails",
	[PURPOSE_CALLMANAGER_EC] = "TLS with EC keys fails: files over HTTPS, and the call manager",
	[PURPOSE_TVS] = "phones compare it with their list; whether some also look at the date "
			"depends on their firmware: these cannot ask TVS any more",
	[PURPOSE_CAPF] =
	    "phones compare it with their list; LSCs that it issued end with it, and it "
	    "issues no more",
	[PURPOSE_ITLRECOVERY] = "lists that it signs stay good",
	[PURPOSE_WEB] =
	    "secure URLs of this server: TVS speaks for it all the same; browsers refuse "
	    "it",
	[PURPOSE_CAPF_ISSUER] = "LSCs that it issued end with it, and it issues no more",
};

static const char *const trusted[TRUST_STORE_COUNT] = {
	[TRUST_CALLMANAGER] = "TVS speaks for it all the same; TLS to who shows it fails",
	[TRUST_CAPF] = "TVS speaks for it all the same, and CAPF goes by it; RADIUS and VPN "
		       "servers may refuse LSCs "
		       "and MICs below it",
	[TRUST_TVS] = "TVS speaks for it all the same",
	[TRUST_PHONE_SAST] = "TVS speaks for it all the same: lists that it signs stay good",
	[TRUST_PHONE_VPN] = "TVS speaks for it all the same; VPN to who shows it may fail",
	[TRUST_PHONE] = "TVS speaks for it all the same; TLS to who shows it may fail",
};

const char *
expiry_of(enum purpose p)
{
	return own[p];
}

const char *
expiry_of_trusted(enum trust_store s)
{
	return trusted[s];
}

const char *
expiry_of_lsc(void)
{
	return "secure registration, 802.1X and VPN fail, and it proves nothing to CAPF; encrypted "
	       "configurations still open";
}

const char *
expiry_of_tvs_answer(void)
{
	return "only TVS speaks for the signer, and the certificate of TVS has expired by then: "
	       "whether the phone still believes it depends on its firmware";
}

bool
expiry_date(const char *text, time_t now, time_t *out, struct err *e)
{
	struct phonefilter_criterion c = { .field = PHONEFILTER_LSC_EXPIRES,
		.op = PHONEFILTER_BEFORE };

	if (strlen(text) >= sizeof c.value)
		text = "";
	snprintf(c.value, sizeof c.value, "%s", text);
	if (!phonefilter_value(&c, now, NULL))
		return err_set(e, ERR_MALFORMED, "expected YYYY-MM-DD[THH[:MM]] or +30d");
	*out = c.to;
	return true;
}
