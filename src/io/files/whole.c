#include "files/whole.h"

#include <errno.h>
#include <unistd.h>

bool
whole_write(int fd, struct span data, struct err *e)
{
	while (data.n > 0) {
		ssize_t n = write(fd, data.p, data.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "writing");
		data = span_of(data.p + n, data.n - (size_t)n);
	}
	return true;
}
