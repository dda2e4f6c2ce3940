#include "phone/phone_net.h"

#include "net/dial.h"
#include "net/http_get.h"
#include "net/tftp_get.h"

#include <errno.h>
#include <time.h>

#define HTTP_MS           30000
#define TFTP_RETRY_MS     500
#define TFTP_RETRY_MAX_MS 2000
#define TFTP_TRIES        6
#define CONNECT_SECONDS   10
#define ANSWER_SECONDS    30

static enum tlsdial_version
tls_version(const struct phone_net *net)
{
	return net->old_tls ? TLSDIAL_1_0 : TLSDIAL_1_2;
}

static bool
get_tftp(const struct phone_net *net, const struct phone_fetch *f, struct bytes *out, struct err *e)
{
	const struct tftp_get get = { .host = net->server,
		.port = net->tftp_port,
		.name = f->name,
		.size_max = f->size_max,
		.retry_ms = TFTP_RETRY_MS,
		.retry_max_ms = TFTP_RETRY_MAX_MS,
		.tries = TFTP_TRIES };

	return tftp_get(&get, out, e);
}

static bool
verify_server(void *arg, struct span leaf, struct err *e)
{
	const struct phone_fetch *f = arg;
	struct cert *c = cert_parse(leaf, e);
	bool ok = c != NULL && f->judge(f->judge_arg, c, e);

	cert_free(c);
	return ok;
}

static bool
get_http(const struct phone_net *net, const struct phone_fetch *f, struct bytes *out, struct err *e)
{
	struct tlsdial_config tls = { .version = tls_version(net) };
	struct phone_fetch kept = *f;
	struct http_client_wish wish = { .host = net->server,
		.port = f->via == PHONE_VIA_HTTPS ? net->https_port : net->http_port,
		.name = f->name,
		.size_max = f->size_max,
		.timeout_ms = HTTP_MS,
		.tls = f->via == PHONE_VIA_HTTPS ? &tls : NULL,
		.judge = { verify_server, &kept } };
	struct bytes key = { 0 };
	bool ok;

	if (f->own != NULL && key_to_der(f->own_key, &key, e)) {
		tls.certificate = cert_der(f->own);
		tls.key = bytes_span(&key);
	}
	ok = http_get(&wish, out, e);
	bytes_wipe(&key);
	return ok;
}

static bool
net_get(void *arg, const struct phone_fetch *f, struct bytes *out, struct err *e)
{
	return f->via == PHONE_VIA_TFTP ? get_tftp(arg, f, out, e) : get_http(arg, f, out, e);
}

static bool
verify(void *arg, struct span leaf, struct err *e)
{
	const struct phone_call *call = arg;
	struct cert *c = cert_parse(leaf, e);
	bool ok = c != NULL && call->judge(call->judge_arg, c, e);

	cert_free(c);
	return ok;
}

static bool
net_talk(void *arg, const struct phone_call *call, struct err *e)
{
	const struct phone_net *net = arg;
	struct phone_call kept = *call;
	struct bytes key = { 0 };
	struct dial dial = { .host = call->host,
		.port = call->port,
		.connect_s = CONNECT_SECONDS,
		.answer_s = ANSWER_SECONDS,
		.tls = { .version = tls_version(net) },
		.verify = verify,
		.arg = &kept };
	bool ok;

	if (call->own != NULL && key_to_der(call->own_key, &key, e)) {
		dial.tls.certificate = cert_der(call->own);
		dial.tls.key = bytes_span(&key);
	}
	ok = dial_run(&dial, call->kind, call->plan, NULL, e);
	bytes_wipe(&key);
	return ok;
}

static time_t
net_now(void *arg)
{
	(void)arg;
	return time(NULL);
}

static void
net_wait(void *arg, unsigned seconds)
{
	struct timespec left = { .tv_sec = seconds };

	(void)arg;
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

struct phone_io
phone_net_io(struct phone_net *net)
{
	return (struct phone_io){ net_get, net_talk, net_now, net_wait, net };
}
