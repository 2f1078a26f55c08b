/*
 * Progress: two programs that flood each other with commands, over a link with hardly any room or over
 * a relay between two such links, and bytes that arrive in pieces, late, or not for a while.
 *
 *	progress FIRST LAST
 *
 * runs the schedules of these seeds.  In each, every command is completed, exactly once, and every
 * one-way arrives, in order, within a bounded number of steps; memory stays bounded; and in the end no
 * reference is left.
 */
#include <stdarg.h>

#include "tests/unit/pair.h"

enum {
	COMMANDS = 120,			/* of each end, that are answered */
	NOTES = 60,			/* one-ways of each end */
	NOTES_AHEAD = 8,		/* of the other end's taking them in: no more than that may wait */
	CALLS_MAX = 64,
	STEPS_MAX = 60000,
	LARGEST = 60000,		/* bytes in a message */
	ASK = 0x0101,
	NOTE = 0x0102
};

static const uint8_t bulk[LARGEST];
static uint8_t msg[LWL_MESSAGE_MAX + 1];

/* ---- what is random ---- */

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

#define ANY_OF(list) ((list)[random_below((uint32_t)(sizeof(list) / sizeof *(list)))])

/* ---- an end: client and server at once ---- */

struct command {
	struct end *end;
	unsigned answers;
};

/* A call that came in and is answered later. */
struct work {
	struct lwl_call *call;
	uint32_t tag;
	uint64_t given;			/* an end point of the other end's, kept; 0: none */
};

static struct end {
	struct side *side;
	struct lwl_link *link;
	struct end *other;
	uint64_t root;			/* the other end's, as we see it; kept */
	unsigned asked, outstanding, succeeded, refused;
	bool blocked;			/* there was no room: until the link says that there is */
	struct command commands[STEPS_MAX];
	struct work work[CALLS_MAX];
	unsigned work_count;
	unsigned notes_sent, notes_taken;
	unsigned hosted, closed;
	uint32_t largest_request, largest_answer;
} ends[2];

static char failure[512];

static void fail(const char *format, ...)
{
	va_list args;

	if (failure[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(failure, sizeof failure, format, args);
	va_end(args);
}

static void count_closed(void *self)
{
	((struct end *)self)->closed++;
}

static uint32_t put_message(uint16_t command, enum lwl_kind kind, uint32_t tag, uint64_t id,
			    uint32_t size)
{
	struct lwl_writer w;

	lwl_writer_init(&w, msg, sizeof msg, 1, kind != LWL_KIND_ONEWAY);
	lwl_writer_begin(&w, command, kind);
	lwl_put_u32(&w, 1, tag);
	if (id != 0)
		lwl_put_link(&w, 2, id);
	lwl_put_bytes(&w, 3, 0, LARGEST, lwl_bytes_of(bulk, size));
	if (lwl_writer_finish(&w) != 0)
		abort();
	return lwl_writer_size(&w);
}

/* ---- the server ---- */

static void answer(struct end *end, unsigned i)
{
	struct work work = end->work[i];
	uint32_t len = put_message(ASK, LWL_KIND_RESPONSE, work.tag,
				   random_below(2) == 0 ? work.given : 0,
				   random_below(end->largest_answer));
	int status;

	end->work[i] = end->work[--end->work_count];
	if (random_below(10) == 0)
		status = lwl_call_fail(work.call, LWL_EAGAIN, "not this time");
	else
		status = lwl_reply_send(work.call, msg, len);
	if (status != 0)
		fail("an answer: %d", status);
	if (work.given != 0 && lwl_link_drop(end->link, work.given) != 0)
		fail("what was kept cannot be dropped");
}

static void serve(void *self, struct lwl_call *call, const void *request, size_t len)
{
	struct end *end = self;
	struct work *work = &end->work[end->work_count];
	struct lwl_item item;
	uint32_t tag;

	(void)len;
	if (!lwl_message_find(&item, request, 1))
		abort();
	tag = lwl_load32((const uint8_t *)request + item.offset + 4);
	if (lwl_call_is_oneway(call)) {
		if (tag != end->notes_taken)
			fail("one-way %u came as number %u", tag, end->notes_taken);
		end->notes_taken++;
		return;
	}
	if (end->work_count == CALLS_MAX)
		abort();
	work->call = call;
	work->tag = tag;
	work->given = 0;
	if (lwl_message_find(&item, request, 2)) {
		work->given = lwl_load64((const uint8_t *)request + item.offset + 8);
		if (lwl_link_keep(end->link, work->given) != 0)
			fail("what has come cannot be kept");
	}
	if (random_below(6) == 0)
		(void)lwl_call_hold(call);
	end->work_count++;
	if (random_below(3) == 0)
		answer(end, end->work_count - 1);
}

static void open_root(void *ctx, struct lwl_link *link, struct lwl_call *call, struct lwl_string name,
		      struct lwl_string interface, uint32_t version)
{
	struct side *side = ctx;
	uint64_t id;

	(void)name;
	(void)interface;
	if (lwl_link_host_raw(link, serve, side->ctx, NULL, &id) != 0 || lwl_open_reply(call, id, version) != 0)
		abort();
}

/* ---- the client ---- */

static void answered(int status, const void *response, size_t len, struct lwl_reply *reply,
		     lwl_done_fn *done,
		     void *ctx)
{
	struct command *command = ctx;
	struct end *end = command->end;

	(void)done;
	if (status == 0)
		status = lwl_answer_status(response, len, lwl_reply_error(reply));
	if (++command->answers != 1)
		fail("a command is completed %u times", command->answers);
	end->outstanding--;
	/* A relay may refuse; then the same is asked again. */
	if (status == 0 || status == -LWL_EAGAIN)
		end->succeeded++;
	else if (status == -LWL_ECALLS || status == -LWL_EMFILE)
		end->refused++;
	else
		fail("a command is completed with %d", status);
}

static bool ask(struct end *end)
{
	struct command *command = &end->commands[end->asked];
	uint64_t id = 0;
	int status;

	if (end->blocked || end->succeeded + end->outstanding >= COMMANDS || end->asked == STEPS_MAX)
		return false;
	if (random_below(3) == 0 && lwl_link_host_raw(end->link, serve, end, count_closed, &id) == 0)
		end->hosted++;
	*command = (struct command){ end, 0 };
	status = lwl_call_send(end->link, end->root, msg,
			       put_message(ASK, LWL_KIND_REQUEST, end->asked, id,
					   random_below(end->largest_request)),
			       answered, NULL, command);
	if (status == 0) {
		end->asked++;
		end->outstanding++;
		if (random_below(20) == 0)
			(void)lwl_call_cancel(end->link, lwl_call_last(end->link));
		return true;
	}
	if (status != -LWL_ECALLS)
		fail("a command cannot be started: %d", status);
	end->blocked = true;
	if (id != 0 && lwl_link_revoke(end->link, id) != 0)
		fail("what was not sent cannot be revoked");
	return false;
}

static void tell(struct end *end)
{
	int status;

	if (end->blocked || end->notes_sent == NOTES || end->notes_sent - end->other->notes_taken >= NOTES_AHEAD)
		return;
	status = lwl_call_send(end->link, end->root, msg,
			       put_message(NOTE, LWL_KIND_ONEWAY, end->notes_sent, 0,
					   random_below(end->largest_request)),
			       NULL, NULL, NULL);
	end->blocked = status == -LWL_ECALLS;
	if (status == 0)
		end->notes_sent++;
	else if (status != -LWL_ECALLS)
		fail("a one-way cannot be sent: %d", status);
}

static void unblock(struct side *side)
{
	((struct end *)side->ctx)->blocked = false;
}

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct end *end = ctx;

	(void)version;
	(void)reply;
	if (status != 0 || lwl_link_keep(end->link, id) != 0)
		abort();
	end->root = id;
}

/* ---- between them: one link, or two and a relay ---- */

static struct pair pairs[2];
static unsigned pair_count;
static struct lwl_link_config configs[4];

static void forward_open(void *ctx, struct lwl_link *link, struct lwl_call *call,
			 struct lwl_string name,
			 struct lwl_string interface, uint32_t version)
{
	struct side *side = ctx, *other = side->ctx;

	(void)link;
	lwl_open_forward(call, other->link, name, interface, version);
}

static struct side *side_of(unsigned i)
{
	return i % 2 == 0 ? &pairs[i / 2].a : &pairs[i / 2].b;
}

static void join(struct end *end, struct side *side, struct end *other)
{
	end->side = side;
	end->link = side->link;
	end->other = other;
	side->ctx = end;
	side->on_room = unblock;
}

static void pass_time(uint64_t microseconds)
{
	unsigned i;

	for (i = 0; i < 2 * pair_count; i++) {
		if (i % 2 == 0)
			pairs[i / 2].now += microseconds;
		lwl_link_tick(side_of(i)->link, pairs[i / 2].now);
	}
}

static void carry_all(size_t most)
{
	unsigned i, still = 0;

	while (still < 2) {
		size_t moved = 0;

		for (i = 0; i < 2 * pair_count; i++)
			moved += carry(&pairs[i / 2], side_of(i), side_of(i ^ 1), most);
		still = moved > 0 ? 0 : still + 1;
	}
}

static void set_up(uint64_t seed)
{
	static const uint64_t windows[] = { 131072, 131072, 131072, 150000, 262144, 1 << 20 };
	static const uint32_t rings[] = { 131072, 131072, 1 << 18, 1 << 20 }, calls[] = { 1, 2, 3, 5, 8, 16, 40 },
			      endpoints[] = { 3, 20, 1000 }, sizes[] = { 10, 3000, 30000, LARGEST };
	unsigned i;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (i = 0; i < 10; i++)
		(void)random_below(1);
	failure[0] = '\0';
	memset(ends, 0, sizeof ends);
	pair_count = 1 + seed % 2;
	for (i = 0; i < 2 * pair_count; i++) {
		struct lwl_link_config *c = &configs[i];

		memset(c, 0, sizeof *c);
		c->limits = (struct lwl_limits){ .window = ANY_OF(windows), .calls = ANY_OF(calls),
						 .endpoints = ANY_OF(endpoints) };
		c->ring = ANY_OF(rings);
		c->open = i == 0 || i + 1 == 2 * pair_count ? open_root : forward_open;
	}
	for (i = 0; i < pair_count; i++)
		pair_make(&pairs[i], &configs[2 * i], &configs[2 * i + 1]);
	join(&ends[0], &pairs[0].a, &ends[1]);
	join(&ends[1], &pairs[pair_count - 1].b, &ends[0]);
	if (pair_count == 2) {
		pairs[0].b.ctx = &pairs[1].a;
		pairs[1].a.ctx = &pairs[0].b;
	}
	for (i = 0; i < pair_count; i++)
		pair_connect(&pairs[i]);
	carry_all(SIZE_MAX);
	for (i = 0; i < 2; i++) {
		ends[i].largest_request = ANY_OF(sizes);
		ends[i].largest_answer = ANY_OF(sizes);
		if (lwl_link_open_named(ends[i].link, lwl_string_of("root"), lwl_string_of("any"),
					1, opened,
					&ends[i]) != 0)
			abort();
		carry_all(SIZE_MAX);
	}
}

/* What a link may take at most. */
static uint64_t memory_bound(unsigned i)
{
	const uint64_t chunk = 256 << 10, message = 65536, tables = 1 << 20;
	uint64_t window = configs[i ^ 1].limits.window, ring = 131072, calls = configs[i].limits.calls;

	while (ring < window && ring < configs[i].ring)
		ring *= 2;
	/* The ring; chunks of bytes for each held request; an answer for each call; one-ways that wait. */
	return 2 * ring + (calls + 2) * chunk + calls * message + 2 * NOTES_AHEAD * message + tables;
}

static void check_memory(void)
{
	struct lwl_link_stats stats;
	unsigned i;

	for (i = 0; i < 2 * pair_count; i++) {
		lwl_link_stats(side_of(i)->link, &stats);
		if (stats.memory > memory_bound(i))
			fail("side %u takes %llu bytes, more than %llu", i,
			     (unsigned long long)stats.memory,
			     (unsigned long long)memory_bound(i));
		if (side_of(i)->ends != 0)
			fail("side %u ended: %s", i, side_of(i)->reason);
	}
}

static bool is_done(const struct end *end)
{
	return end->succeeded == COMMANDS && end->outstanding == 0 && end->notes_taken == NOTES;
}

static void run(void)
{
	unsigned stalled[4] = { 0 }, step, i, k;
	const size_t pieces[] = { 1, 8, 100, 5000, 70000, SIZE_MAX };
	size_t most = ANY_OF(pieces);

	for (step = 0; failure[0] == '\0'; step++) {
		if (is_done(&ends[0]) && is_done(&ends[1]))
			return;
		if (step == STEPS_MAX) {
			fail("no end after %u steps: %u and %u commands, %u and %u one-ways", step,
			     ends[0].succeeded, ends[1].succeeded, ends[0].notes_taken, ends[1].notes_taken);
			return;
		}
		for (i = 0; i < 2; i++) {
			while (ask(&ends[i]))
				;
			tell(&ends[i]);
			for (k = ends[i].work_count; k-- > 0; ) {
				if (random_below(8) == 0)
					answer(&ends[i], k);
			}
		}
		if (random_below(100) == 0)
			most = ANY_OF(pieces);
		for (i = 0; i < 2 * pair_count; i++) {
			if (stalled[i] > 0) {
				stalled[i]--;
				continue;
			}
			/* Many small pieces, or few large ones. */
			for (k = 0; k < 8; k++)
				carry(&pairs[i / 2], side_of(i), side_of(i ^ 1),
				      most < 5000 ? 1 + random_below(3000) : most);
			if (random_below(50) == 0)
				stalled[i] = random_below(60);
		}
		pass_time(random_below(10000));
		check_memory();
	}
}

static void finish(void)
{
	struct lwl_link_stats stats;
	unsigned i;

	for (i = 0; i < 2; i++) {
		if (lwl_link_drop(ends[i].link, ends[i].root) != 0)
			fail("the root cannot be dropped");
	}
	for (i = 0; i < 10; i++) {
		carry_all(SIZE_MAX);
		pass_time(100000);
	}
	for (i = 0; i < 2 * pair_count; i++) {
		lwl_link_stats(side_of(i)->link, &stats);
		if (stats.hosted != 0 || stats.held != 0 || stats.hosted_references != 0 || stats.held_references != 0)
			fail("side %u hosts %u and holds %u", i, stats.hosted, stats.held);
		if (stats.calls_in != 0 || stats.calls_out != 0 || stats.held_bytes != 0 || stats.bytes_unacked != 0)
			fail("side %u is not idle", i);
	}
	for (i = 0; i < 2; i++) {
		if (ends[i].closed != ends[i].hosted)
			fail("%u of %u end points are closed", ends[i].closed, ends[i].hosted);
	}
	for (i = 0; i < pair_count; i++)
		lwl_link_shutdown(pairs[i].a.link, 1000000);
	carry_all(SIZE_MAX);
	for (i = 0; i < 2 * pair_count; i++) {
		if (side_of(i)->ends != 1 || side_of(i)->status != 0)
			fail("side %u did not end in order: %s", i, side_of(i)->reason);
	}
}

int main(int argc, char **argv)
{
	unsigned long seed, first, last, passed = 0, failed = 0;
	unsigned i;

	if (argc != 3) {
		fprintf(stderr, "usage: progress FIRST LAST\n");
		return 2;
	}
	first = strtoul(argv[1], NULL, 10);
	last = strtoul(argv[2], NULL, 10);
	for (seed = first; seed <= last; seed++) {
		set_up(seed);
		run();
		if (failure[0] == '\0')
			finish();
		if (failure[0] == '\0') {
			passed++;
		} else {
			printf("seed %lu: %s\n", seed, failure);
			failed++;
		}
		/* What nobody has answered keeps its link. */
		for (i = 0; i < pair_count; i++)
			pair_fini(&pairs[i]);
		for (i = 0; i < 2; i++) {
			while (ends[i].work_count > 0)
				(void)lwl_call_fail(ends[i].work[--ends[i].work_count].call,
						    LWL_EIO, NULL);
		}
	}
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
