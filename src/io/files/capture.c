#include "files/capture.h"

#include "base/mem.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

struct capture {
	pcap_t *pcap;
	char *path;
	size_t number; /* of the last frame */
};

/* "-" is standard input to libpcap; so a file that cannot be opened is told apart from one that is
 * no capture. */
static FILE *
open_file(const char *path, struct err *e)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");

	if (f == NULL)
		err_sys(e, "%s", path);
	return f;
}

bool
capture_open(const char *path, struct capture **out, struct err *e)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	FILE *f = open_file(path, e);
	struct capture *c;
	pcap_t *pcap;

	if (f == NULL)
		return false;
	pcap = pcap_fopen_offline(f, why);
	if (pcap == NULL) {
		if (f != stdin)
			fclose(f);
		return err_set(e, ERR_MALFORMED, "%s is no capture: %s", path, why);
	}
	c = mem_new(1, sizeof *c);
	c->pcap = pcap;
	c->path = mem_text(path, strlen(path));
	*out = c;
	return true;
}

bool
capture_next(struct capture *c, struct capture_frame *out, bool *end, struct err *e)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int r = pcap_next_ex(c->pcap, &header, &bytes);

	*end = r == PCAP_ERROR_BREAK; /* the end of the file */
	if (*end)
		return true;
	if (r != 1)
		return err_set(e, ERR_MALFORMED, "%s: packet %zu: %s", c->path, c->number + 1,
		    pcap_geterr(c->pcap));
	c->number++;
	*out = (struct capture_frame){ .number = c->number,
		.at = header->ts.tv_sec,
		.link = pcap_datalink(c->pcap),
		.bytes = span_of(bytes, header->caplen),
		.sent = header->len };
	return true;
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	pcap_close(c->pcap); /* closes the file, unless it is standard input */
	free(c->path);
	free(c);
}
