/*
 * The catalogue of hostile peers, run one after the other against one server.
 *
 *	hostile [-t] [-m] [-v] [-s SEED] [NAME...]
 *
 * -t: over TCP instead of a Unix socket.  -m: the memory of the process does not count, that of its
 * links does; for valgrind, and always so with sanitizers.  -v: tell what each case takes, and why
 * links end.
 *
 * After each case, whatever it did: while its peers are still there, the well-behaved client beside
 * them has been answered, and never later than patience() allows; the server has not needed more
 * memory than the case may cost; and when its peers are gone, the server has as many descriptors,
 * links, end points and calls as before, and as much memory.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"
#include "peer.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
	SLACK_KB = 1024,		/* of the allocator, and of the figures */
	LEAK_KB = 8192,			/* that all cases together may leave behind */
	CALM_MS = 300
};

/* Of the server. */
struct figures {
	uint32_t descriptors, links, objects, rss;
	uint64_t memory, hosted, held, calls_in, calls_out;
};

struct shared *shared;
bool verbose;

static pid_t server, neighbour;
static struct figures at_start;
static bool measured = !SANITIZED;
static char why[512];
static uint64_t random_state;

/* ---- for the cases ---- */

void wrong(const char *format, ...)
{
	va_list args;

	if (is_wrong())
		return;
	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
}

bool is_wrong(void)
{
	return why[0] != '\0';
}

uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void rest(unsigned ms)
{
	poll(NULL, 0, (int)ms);
}

unsigned patience(void)
{
	return measured ? 3000 : 6000;
}

/* xorshift64* */
uint64_t random_bits(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(2685821657736338717);
}

uint32_t random_below(uint32_t n)
{
	return (uint32_t)(random_bits() >> 32) % n;
}

/* ---- figures of the server ---- */

static bool read_file(const char *name, char *buf, size_t size)
{
	char path[64];
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)server, name);
	file = fopen(path, "r");
	if (file != NULL) {
		n = fread(buf, 1, size - 1, file);
		fclose(file);
	}
	buf[n] = '\0';
	return n > 0;
}

/* A line of its status, in kilobytes. */
static uint32_t kilobytes(const char *line)
{
	char buf[4096];
	const char *at = read_file("status", buf, sizeof buf) ? strstr(buf, line) : NULL;

	return at != NULL ? (uint32_t)strtoul(at + strlen(line), NULL, 10) : 0;
}

/* The most that it has used counts from now. */
static bool reset_peak(void)
{
	char path[64];
	bool done = false;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)server);
	file = fopen(path, "w");
	if (file != NULL)
		done = fputs("5", file) >= 0 && fclose(file) == 0;
	return done;
}

static uint32_t descriptors(void)
{
	char path[64];
	uint32_t n = 0;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)server);
	dir = opendir(path);
	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* Milliseconds that it has been running on a processor. */
static uint64_t busy(void)
{
	char buf[1024];
	const char *at;
	unsigned long user = 0, kernel = 0;

	/* The name stands in brackets and may hold anything. */
	at = read_file("stat", buf, sizeof buf) ? strrchr(buf, ')') : NULL;
	if (at != NULL)
		sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		       &kernel);
	return (uint64_t)(user + kernel) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

void must_be_calm(void)
{
	uint64_t before = busy();

	rest(CALM_MS);
	MUST(busy() - before < CALM_MS / 2);
}

bool all_closed(void)
{
	return descriptors() == at_start.descriptors;
}

/* ---- one case ---- */

static void must_be_served(void)
{
	uint64_t echoes = atomic_load(&shared->echoes);

	EVENTUALLY(atomic_load(&shared->echoes) > echoes + 1 || atomic_load(&shared->lost));
	MUST(!atomic_load(&shared->lost));
	MUST(atomic_load(&shared->longest_us) <= (uint64_t)patience() * 1000);
}

static struct figures figures(void)
{
	struct figures f;

	f.descriptors = descriptors();
	f.rss = kilobytes("VmRSS:");
	f.links = atomic_load(&shared->links);
	f.objects = atomic_load(&shared->objects);
	f.memory = atomic_load(&shared->memory);
	f.hosted = atomic_load(&shared->hosted);
	f.held = atomic_load(&shared->held);
	f.calls_in = atomic_load(&shared->calls_in);
	f.calls_out = atomic_load(&shared->calls_out);
	return f;
}

static bool as_before(void)
{
	const struct figures *before = &at_start;
	struct figures now = figures();

	return now.descriptors == before->descriptors && now.links == before->links &&
	       now.objects == before->objects && now.memory <= before->memory &&
	       now.hosted == before->hosted && now.held == before->held &&
	       now.calls_in == before->calls_in && now.calls_out == before->calls_out;
}

static void tell_difference(void)
{
	const struct figures *before = &at_start;
	struct figures now = figures();

	wrong("left behind: %d descriptors, %d links, %d objects, %lld bytes, %lld hosted, "
	      "%lld held, %lld calls in, %lld out", (int)(now.descriptors - before->descriptors),
	      (int)(now.links - before->links), (int)(now.objects - before->objects),
	      (long long)(now.memory - before->memory), (long long)(now.hosted - before->hosted),
	      (long long)(now.held - before->held), (long long)(now.calls_in - before->calls_in),
	      (long long)(now.calls_out - before->calls_out));
}

static void must_be_bounded(const struct hostile *h, bool whole)
{
	uint64_t most = at_start.memory + h->kilobytes * UINT64_C(1024);
	uint64_t peak = atomic_load(&shared->peak);
	uint32_t rss = kilobytes("VmHWM:");

	if (peak > most)
		wrong("the links needed %llu bytes more than the %u KB that they may",
		      (unsigned long long)(peak - most), h->kilobytes);
	if (measured && whole && rss > at_start.rss + h->kilobytes + SLACK_KB)
		wrong("the server needed %u KB, not %u", rss - at_start.rss, h->kilobytes);
}

static bool died(pid_t pid, const char *what)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return false;
	wrong("%s has died: %s %d", what, WIFSIGNALED(status) ? "signal" : "exit",
	      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return true;
}

/* False: there is nobody left for more. */
static bool run(const struct hostile *h)
{
	uint64_t start = milliseconds(), until;
	bool whole;

	why[0] = '\0';
	atomic_store(&shared->peak, 0);
	atomic_store(&shared->longest_us, 0);
	whole = reset_peak();
	h->run();
	must_be_served();
	must_be_bounded(h, whole);
	peer_close_all();
	until = milliseconds() + patience();
	while (!as_before() && milliseconds() < until)
		rest(3);
	if (!as_before()) {
		tell_difference();
		/* The next case is not to pay for it. */
		at_start = figures();
	}
	if (died(server, "the server") || died(neighbour, "the well-behaved client") || is_wrong())
		printf("FAILED  %s: it must: %s\n\t%s\n", h->name, h->must, why);
	else if (verbose)
		printf("ok      %s (%llu ms, answers within %llu us, %d KB of %u)\n", h->name,
		       (unsigned long long)(milliseconds() - start),
		       (unsigned long long)atomic_load(&shared->longest_us),
		       (int)(kilobytes("VmHWM:") - at_start.rss), h->kilobytes);
	fflush(stdout);
	return kill(server, 0) == 0 && !atomic_load(&shared->lost);
}

/* ---- all ---- */

static pid_t start(int (*process)(const char *), const char *address)
{
	pid_t pid, parent = getpid();

	fflush(NULL);
	pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(3);
	exit(process(address));
}

static int neighbour_of(const char *address)
{
	(void)address;
	return be_a_neighbour();
}

static bool ends_in_time(pid_t pid)
{
	uint64_t until = milliseconds() + 2 * patience();
	int status = -1;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && milliseconds() < until)
		rest(2);
	if (ended == pid && status == 0)
		return true;
	if (ended == 0)
		kill(pid, SIGKILL);
	printf("FAILED  to end: %s\n", ended == 0 ? "not in time" : "not in order");
	return false;
}

/*
 * In order, whoever is still there, and with all memory given back: a sanitizer that finds a leak
 * makes another exit code of it.
 */
static bool stop(void)
{
	struct message m;
	struct peer *p = peer_up(), *greedy = peer_up();
	bool good;
	uint32_t i;

	peer_dial();
	greedy->rude = true;
	for (i = 0; i < CALLS; i++)
		peer_ask(greedy, i % 2 == 0 ? HOSTILE_ROOT_BULK : HOSTILE_ROOT_LATER,
			 HOSTILE_DATA_MAX);
	atomic_store(&shared->stop, true);
	good = ends_in_time(neighbour);
	message_begin(&m, p->root, 0, HOSTILE_ROOT_STOP);
	message_u64(&m, 1, HOSTILE_STOP_WORD);
	peer_send(p, &m);
	good = ends_in_time(server) && good;
	peer_close_all();
	return good;
}

static bool wanted(const char *name, char **names)
{
	bool any = *names == NULL;

	for (; *names != NULL; names++)
		any = any || strcmp(*names, name) == 0;
	return any;
}

int main(int argc, char **argv)
{
	const struct {
		const struct hostile *cases;
		uint32_t count;
	} chapters[] = {
		{ structural, structural_count }, { handshakes, handshakes_count },
		{ sessions, sessions_count }, { calls, calls_count },
		{ references, references_count }, { loads, loads_count }
	};
	struct rlimit limit;
	char address[64];
	uint32_t i, k, passed = 0, failed = 0;
	bool tcp = false, alive = true;
	int option;

	random_state = 1;
	while ((option = getopt(argc, argv, "tmvs:")) != -1) {
		if (option == 't')
			tcp = true;
		else if (option == 'm')
			measured = false;
		else if (option == 'v')
			verbose = true;
		else if (option == 's')
			random_state = strtoull(optarg, NULL, 10) | 1;
		else
			return 2;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 2;
	snprintf(address, sizeof address, tcp ? "tcp:127.0.0.1:0" : "unix:@lwlink-hostile-%d",
		 (int)getpid());
	server = start(serve, address);
	EVENTUALLY(atomic_load(&shared->ready));
	neighbour = start(neighbour_of, NULL);
	EVENTUALLY(atomic_load(&shared->echoes) > 10);
	if (is_wrong()) {
		printf("FAILED  to start: %s\n", why);
		return 1;
	}
	at_start = figures();
	for (k = 0; k < sizeof chapters / sizeof chapters[0]; k++) {
		for (i = 0; i < chapters[k].count && alive; i++) {
			if (!wanted(chapters[k].cases[i].name, argv + optind))
				continue;
			alive = run(&chapters[k].cases[i]);
			if (is_wrong())
				failed++;
			else
				passed++;
		}
	}
	why[0] = '\0';
	if (measured && alive && kilobytes("VmRSS:") > at_start.rss + LEAK_KB) {
		printf("FAILED  the server has grown by %u KB\n",
		       kilobytes("VmRSS:") - at_start.rss);
		failed++;
	}
	if (!alive || !stop())
		failed++;
	printf("%u passed, %u failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
