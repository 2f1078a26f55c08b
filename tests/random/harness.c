/*
 * The checks that every message of a random schema goes through.  See harness.h.
 */
#include "harness.h"

enum { CANARY = 0x5a, CANARIES = 32, SLICES = 64, SHOWN = 10, LARGEST = 65536 };

/* ---- counting ---- */

static unsigned passed, failed;
static char doing[512];			/* what the checks are about */
static char difference[512];		/* the first comparison that failed */

bool check(bool ok, const char *what, const char *where)
{
	if (ok) {
		passed++;
		return true;
	}
	if (failed++ < SHOWN)
		printf("%s: %s: %s %s\n", doing, where, what, difference);
	difference[0] = '\0';
	return false;
}

bool expected(const char *condition, const char *function)
{
	if (difference[0] == '\0')
		snprintf(difference, sizeof difference, "(%s in %s)", condition, function);
	return false;
}

bool same_text(const void *a, uint32_t a_len, const void *b, uint32_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

uint8_t big[LARGEST];

static void *allocate(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		exit(2);
	}
	return p;
}

/* ---- the file ---- */

static const uint8_t *at, *end;
static unsigned records;		/* of bytes with mistakes, so far */

static const uint8_t *take(size_t n)
{
	const uint8_t *p = at;

	if (n > (size_t)(end - at)) {
		fputs("the data file is cut off\n", stderr);
		exit(2);
	}
	at += n;
	return p;
}

static uint8_t take8(void)
{
	return take(1)[0];
}

static uint16_t take16(void)
{
	return lwl_load16(take(2));
}

static uint32_t take32(void)
{
	return lwl_load32(take(4));
}

static uint64_t take64(void)
{
	return lwl_load64(take(8));
}

/* Text with its length in front, as a C string. */
static void take_text(char out[256])
{
	uint8_t n = take8();

	memcpy(out, take(n), n);
	out[n] = '\0';
}

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long length;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (length = ftell(f)) < 0) {
		perror(path);
		exit(2);
	}
	rewind(f);
	*size = (size_t)length;
	data = allocate(*size);
	if (fread(data, 1, *size, f) != *size) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return data;
}

/* ---- a link that goes nowhere: it keeps what the stubs send, and has the answer at hand ---- */

struct lwl_link {
	struct lwl_writer writer;
	uint8_t *buf;
	uint32_t room;
	uint32_t msgid;			/* that the next command gets */
	const struct lwl_command *command;
	const uint8_t *answer;		/* what comes back, or NULL */
	size_t answer_len;
};

struct lwl_call {
	struct lwl_link link;
};

struct lwl_reply {
	struct lwl_error error;
};

static const struct message *arriving;	/* what got_… are given */
static const void *wanted;
static unsigned arrived;

void got_request(const void *in)
{
	arrived++;
	CHECK(arriving->same(in, wanted));
}

void got_answer(int status, const void *in)
{
	arrived++;
	CHECK(status == 0 && in != NULL && arriving->same(in, wanted));
}

static void open_writer(struct lwl_link *link, uint64_t linkid, uint32_t room,
			struct lwl_writer **w)
{
	free(link->buf);
	link->buf = allocate(room);
	link->room = room;
	lwl_writer_init(&link->writer, link->buf, room, linkid, link->msgid);
	*w = &link->writer;
}

int lwl_call_begin(struct lwl_link *link, uint64_t linkid, const struct lwl_command *command,
		   struct lwl_writer **w)
{
	link->command = command;
	open_writer(link, linkid, command->request_max, w);
	return 0;
}

int lwl_call_commit(struct lwl_link *link, int encoded, lwl_answer_fn *answer, lwl_done_fn *done,
		    void *ctx)
{
	struct lwl_reply reply;

	if (encoded == 0 && link->answer != NULL)
		answer(0, link->answer, link->answer_len, &reply, done, ctx);
	return encoded;
}

int lwl_oneway_commit(struct lwl_link *link, int encoded)
{
	(void)link;
	return encoded;
}

int lwl_call_wait(struct lwl_link *link, int encoded, void *buf, size_t size, size_t *len)
{
	(void)link;
	(void)encoded;
	(void)buf;
	(void)size;
	*len = 0;
	return -LWL_ENOTRUN;
}

struct lwl_error *lwl_reply_error(struct lwl_reply *reply)
{
	return &reply->error;
}

int lwl_reply_begin(struct lwl_call *call, struct lwl_writer **w)
{
	open_writer(&call->link, 1, call->link.room, w);
	return 0;
}

int lwl_reply_commit(struct lwl_call *call, int encoded)
{
	(void)call;
	return encoded;
}

/* ---- a value ---- */

struct envelope {
	uint64_t linkid, deadline;
	uint32_t msgid;
	bool has_deadline;
	const uint8_t *trace;		/* or NULL */
	const uint8_t *bytes;		/* what the reference makes of the value */
	uint32_t len;
};

/* What comes behind the fields, and the bytes of it all. */
static void take_envelope(struct envelope *e)
{
	e->has_deadline = take8() != 0;
	e->deadline = e->has_deadline ? take64() : 0;
	e->trace = take8() != 0 ? take(16) : NULL;
	e->len = take32();
	e->bytes = take(e->len);
}

static void begin(struct lwl_writer *w, void *buf, size_t size, const struct envelope *e)
{
	lwl_writer_init(w, buf, size, e->linkid, e->msgid);
	if (e->has_deadline)
		lwl_writer_set_deadline(w, e->deadline);
	if (e->trace != NULL)
		lwl_writer_set_trace(w, e->trace);
}

static bool is_all(const uint8_t *p, size_t n, uint8_t byte)
{
	for (; n > 0; n--, p++)
		if (*p != byte)
			return false;
	return true;
}

static void check_encode(const struct message *m, const void *in, const struct envelope *e)
{
	uint8_t *buf = allocate(m->max + CANARIES);
	struct lwl_writer w;

	memset(buf, CANARY, m->max + CANARIES);
	begin(&w, buf, m->max, e);
	if (CHECK(m->encode(&w, in) == 0)) {
		CHECK(lwl_writer_size(&w) == e->len);
		CHECK(same_text(buf, lwl_writer_size(&w), e->bytes, e->len));
		CHECK(is_all(buf + w.at, m->max + CANARIES - w.at, CANARY));
	}
	/* Exactly as much room as it takes is enough. */
	begin(&w, buf, e->len, e);
	CHECK(m->encode(&w, in) == 0);
	/* msgid 0 is for one-ways, and for nothing else. */
	lwl_writer_init(&w, buf, m->max, e->linkid, m->kind == LWL_KIND_ONEWAY ? 5 : 0);
	CHECK(m->encode(&w, in) == -LWL_EINVAL && lwl_writer_size(&w) == 0);
	free(buf);
}

static void check_reference(const struct message *m, const void *in, const struct envelope *e,
			    uint32_t threshold, uint32_t room)
{
	struct lwl_slice slices[SLICES];
	uint8_t *buf = allocate(m->max), *joined = allocate(e->len);
	size_t total = 0;
	struct lwl_writer w;
	uint32_t i;

	begin(&w, buf, m->max, e);
	lwl_writer_by_reference(&w, slices, room, threshold);
	if (CHECK(m->encode(&w, in) == 0)) {
		CHECK(lwl_writer_size(&w) == e->len && w.slice_count <= room);
		for (i = 0; i < w.slice_count && total + slices[i].len <= e->len; i++) {
			memcpy(joined + total, slices[i].data, slices[i].len);
			total += slices[i].len;
		}
		CHECK(same_text(joined, (uint32_t)total, e->bytes, e->len));
	}
	free(buf);
	free(joined);
}

/* Every size that is too small, or of a large message many of them. */
static void check_room(const struct message *m, const void *in, const struct envelope *e)
{
	struct lwl_slice slices[SLICES];
	uint8_t *buf = allocate(e->len + CANARIES);
	uint32_t step = e->len / 300 + 1, room;
	bool short_ok = true, clean = true;
	struct lwl_writer w;

	for (room = 0; room < e->len;
	     room += room < 64 || e->len - room < 2 * step + 64 ? 1 : step) {
		int status;

		memset(buf + room, CANARY, CANARIES);
		begin(&w, buf, room, e);
		status = m->encode(&w, in);
		short_ok = short_ok && (status == -LWL_ENOBUFS || status == -LWL_ETOOLARGE) &&
			   lwl_writer_size(&w) == 0;
		clean = clean && is_all(buf + room, CANARIES, CANARY);
		begin(&w, buf, room, e);
		lwl_writer_by_reference(&w, slices, SLICES, 1);
		m->encode(&w, in);
		clean = clean && is_all(buf + room, CANARIES, CANARY);
	}
	CHECK(short_ok);
	CHECK(clean);
	free(buf);
}

static void check_value(const struct message *m, const void *in, const struct envelope *e)
{
	static const uint32_t thresholds[] = { 0, 5, 64 }, rooms[] = { 1, 2, 3, 4, 5, 6, SLICES };
	uint8_t *copy = allocate(e->len + 1), *msg = copy + 1;
	void *got = allocate(m->size);
	struct lwl_error err;
	size_t i, k;

	CHECK(e->len <= m->max);
	check_encode(m, in, e);
	check_room(m, in, e);
	memcpy(msg, e->bytes, e->len);
	CHECK(lwl_message_check(msg, e->len, &err) == 0);
	memset(got, 0xa5, m->size);
	if (CHECK(m->decode(got, msg, e->len, &err) == 0)) {
		CHECK(err.bad == LWL_BAD_NONE);
		CHECK(m->same(got, in));
		check_encode(m, got, e);
	}
	for (i = 0; i < sizeof thresholds / sizeof thresholds[0]; i++)
		for (k = 0; k < sizeof rooms / sizeof rooms[0]; k++)
			check_reference(m, k % 2 == 0 ? in : got, e, thresholds[i], rooms[k]);
	free(got);
	free(copy);
}

/* A request: through the stub, the table and the handler.  A response: through the reply. */
static void check_dispatch(const struct message *m, const void *in, const struct envelope *e)
{
	struct lwl_link link = { .msgid = e->msgid };
	struct lwl_call call = { .link = { .msgid = e->msgid, .room = m->max } };
	const struct lwl_link *used = m->kind == LWL_KIND_RESPONSE ? &call.link : &link;
	const struct lwl_command *command;
	const void *table;
	struct lwl_error err;

	CHECK(m->send(&link, &call, 1, in) == 0);
	CHECK(same_text(used->buf, lwl_writer_size(&used->writer), e->bytes, e->len));
	command = lwl_command_find(&table, m->interface, m->ops, m->command);
	if (CHECK(command != NULL && table == m->ops)) {
		CHECK((m->kind == LWL_KIND_RESPONSE ? command->response_max
						    : command->request_max) == m->max);
		arriving = m;
		wanted = in;
		if (m->kind != LWL_KIND_RESPONSE) {
			CHECK(command == link.command);
			arrived = 0;
			CHECK(command->run(table, NULL, &call, e->bytes, e->len, &err) == 0);
			CHECK(arrived == 1);
			CHECK(command->run(NULL, NULL, &call, e->bytes, e->len, &err) ==
			      -LWL_EUNKNOWN);
		}
	}
	free(link.buf);
	free(call.link.buf);
}

/* The response, as the answer to any request of the same command. */
static void check_answer(const struct message *m, const void *in, const struct envelope *e)
{
	struct lwl_link link = { .msgid = 1, .answer = e->bytes, .answer_len = e->len };
	size_t i;

	for (i = 0; i < value_count; i++) {
		const struct message *request = &messages[values[i].message];

		if (request->command == m->command && request->kind == LWL_KIND_REQUEST &&
		    request->interface == m->interface) {
			arriving = m;
			wanted = in;
			arrived = 0;
			CHECK(request->send(&link, NULL, 1, values[i].in) == 0);
			CHECK(arrived == 1);
			break;
		}
	}
	free(link.buf);
}

static void value_record(void)
{
	const struct value *v = &values[take16()];
	const struct message *m = &messages[v->message];
	struct envelope e = { .linkid = take64() };
	bool plain;

	e.msgid = take32();
	take_envelope(&e);
	snprintf(doing, sizeof doing, "%s, value %d", m->name, (int)(v - values));
	check_value(m, v->in, &e);
	plain = e.linkid == 1 && !e.has_deadline && e.trace == NULL;
	if (plain)
		check_dispatch(m, v->in, &e);
	if (m->kind == LWL_KIND_RESPONSE)
		check_answer(m, v->in, &e);
}

/* ---- bytes with mistakes ---- */

/* What the reference says: that all is well, or what is wrong where. */
static bool take_mistake(struct lwl_error *want, char name[256])
{
	uint32_t i;

	memset(want, 0, sizeof *want);
	take_text(name);
	if (name[0] == '\0')
		return false;
	want->offset = take32();
	want->depth = take8();
	for (i = 0; i < want->depth; i++) {
		want->path[i].number = take16();
		want->path[i].index = take16();
	}
	return true;
}

static void check_mistake(const struct lwl_error *got, const struct lwl_error *want,
			  const char *name)
{
	char text[200];
	uint32_t i;
	bool same = strcmp(lwl_bad_name(got->bad), name) == 0 && got->offset == want->offset &&
		    got->depth == want->depth;

	for (i = 0; same && i < want->depth; i++)
		same = got->path[i].number == want->path[i].number &&
		       got->path[i].index == want->path[i].index;
	if (!same) {
		lwl_error_format(text, sizeof text, got);
		snprintf(difference, sizeof difference,
			 "(wanted %s at offset %u, depth %u; got %s)", name,
			 want->offset, want->depth, text);
	}
	CHECK(same);
}

static void check_structure(const uint8_t *msg, uint32_t len)
{
	struct lwl_error want, err;
	struct lwl_linkids walk;
	char name[256];
	uint32_t offset, i, count;
	int status = lwl_message_check(msg, len, &err);

	CHECK(lwl_message_check(msg, len, NULL) == status);
	if (take_mistake(&want, name)) {
		if (CHECK(status == -LWL_EMALFORMED))
			check_mistake(&err, &want, name);
		return;
	}
	CHECK(status == 0 && err.bad == LWL_BAD_NONE);
	count = take16();
	if (status == 0)
		lwl_linkids_init(&walk, msg);
	for (i = 0; i < count; i++) {
		uint32_t want_offset = take32();
		uint64_t want_id = take64();

		if (status == 0)
			CHECK(lwl_linkids_next(&walk, &offset) && offset == want_offset &&
			      lwl_load64(msg + offset) == want_id);
	}
	CHECK(status != 0 || !lwl_linkids_next(&walk, &offset));
}

/* What was decoded becomes what the reference makes of it. */
static void check_again(const struct message *m, const void *got, const uint8_t *msg)
{
	struct envelope e = { .linkid = lwl_load64(msg), .msgid = lwl_load32(msg + 8) };
	uint8_t *buf = allocate(m->max);
	struct lwl_writer w;

	take_envelope(&e);
	begin(&w, buf, m->max, &e);
	if (got != NULL && CHECK(m->encode(&w, got) == 0))
		CHECK(same_text(buf, lwl_writer_size(&w), e.bytes, e.len));
	free(buf);
}

static void mistake_record(void)
{
	const struct message *m = &messages[take16()];
	char what[256], name[256];
	uint32_t len, code, detail_len;
	const uint8_t *bytes, *detail;
	uint8_t *copy, *msg;
	struct lwl_error err, want;
	void *got = allocate(m->size);
	int status;

	take_text(what);
	len = take32();
	bytes = take(len);
	snprintf(doing, sizeof doing, "%s, bytes %u: %s", m->name, ++records, what);
	/* At an odd address, and with nothing behind it. */
	copy = allocate(len + 1);
	msg = copy + 1;
	memcpy(msg, bytes, len);
	check_structure(msg, len);
	memset(got, 0xa5, m->size);
	memset(&err, 0xa5, sizeof err);
	status = m->decode(got, msg, len, &err);
	if (take_mistake(&want, name)) {
		if (CHECK(status == -LWL_EMALFORMED))
			check_mistake(&err, &want, name);
		CHECK(m->decode(got, msg, len, NULL) == status);
	} else if ((code = take32()) != 0) {
		detail_len = take8();
		detail = take(detail_len);
		CHECK(status == -(int)code && err.bad == LWL_BAD_NONE);
		CHECK(same_text(err.detail.data, err.detail.len, detail, detail_len));
	} else {
		CHECK(status == 0 && err.bad == LWL_BAD_NONE);
		check_again(m, status == 0 ? got : NULL, msg);
	}
	free(got);
	free(copy);
}

/* ---- */

static void check_invalid(const struct invalid *v)
{
	const struct message *m = &messages[v->message];
	uint8_t *buf = allocate(LARGEST + CANARIES);
	struct lwl_writer w;

	snprintf(doing, sizeof doing, "%s, invalid: %s", m->name, v->what);
	memset(buf + LARGEST, CANARY, CANARIES);
	lwl_writer_init(&w, buf, LARGEST, 1, m->kind != LWL_KIND_ONEWAY);
	CHECK(v->encode(&w) == -LWL_EINVAL);
	CHECK(lwl_writer_size(&w) == 0);
	CHECK(is_all(buf + LARGEST, CANARIES, CANARY));
	free(buf);
}

int main(int argc, char **argv)
{
	uint8_t *data;
	size_t size, i;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DATA\n", argv[0]);
		return 2;
	}
	for (i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)(97 + i % 23);
	data = read_file(argv[1], &size);
	at = data;
	end = data + size;
	snprintf(doing, sizeof doing, "the tables");
	check_tables();
	for (i = 0; i < invalid_count; i++)
		check_invalid(&invalids[i]);
	while (at < end) {
		if (take8() == 'V')
			value_record();
		else
			mistake_record();
	}
	free(data);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
