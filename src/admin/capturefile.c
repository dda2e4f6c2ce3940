#include "admin/capturefile.h"

#include "files/capture.h"

static void
take_frame(struct capturefile *to, const struct capture_frame *f)
{
	struct packet p;
	struct err e;

	to->packets++;
	if (packet_parse(f->link, f->bytes, &p, &e)) {
		captured_packet(to->facts, &p, f->number);
		return;
	}
	if (to->malformed++ == 0) {
		to->first_malformed = f->number;
		to->why = e;
	}
}

bool
capturefile_read(
    const char *path, const struct captured_setup *setup, struct capturefile *out, struct err *e)
{
	struct capture *c;
	struct capture_frame f;
	bool end = false, ok;

	*out = (struct capturefile){ .facts = captured_new(setup) };
	if (!capture_open(path, &c, e))
		return false;
	while ((ok = capture_next(c, &f, &end, e)) && !end) {
		if (!packet_knows(f.link)) {
			ok = err_set(e, ERR_REFUSED,
			    "%s: captured on a link of type %d, which is not known here", path,
			    f.link);
			break;
		}
		take_frame(out, &f);
	}
	captured_end(out->facts);
	capture_close(c);
	return ok;
}

void
capturefile_free(struct capturefile *f)
{
	captured_free(f->facts);
	f->facts = NULL;
}
