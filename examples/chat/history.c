/*
 * A command that takes its time: its answer comes from a worker thread, and the room goes on meanwhile.
 */
#include <stdlib.h>

#include "room.h"

struct job {
	uv_work_t work;
	struct lwl_call *call;		/* ours until it is answered, even if the link ends before */
	const char *path;
	size_t len;
	char text[CHAT_HISTORY_MAX];
};

/* In another thread: nothing here may touch a link or a call. */
static void read_log(uv_work_t *work)
{
	struct job *job = work->data;
	FILE *log = fopen(job->path, "r");
	int c = 0;

	if (log == NULL)
		return;
	/* The last bytes, from where a line begins; or all, if there are not so many. */
	if (fseek(log, -(long)sizeof job->text, SEEK_END) == 0)
		while (c != '\n' && c != EOF)
			c = fgetc(log);
	else
		rewind(log);
	job->len = fread(job->text, 1, sizeof job->text, log);
	fclose(log);
}

/* In the loop's thread again. */
static void answer(uv_work_t *work, int status)
{
	struct job *job = work->data;
	struct chat_seat_history_rsp rsp = { .text = { job->text, (uint32_t)job->len } };

	if (status == 0)
		chat_seat_history_reply(job->call, &rsp);
	else
		lwl_call_fail(job->call, LWL_ECANCELLED, NULL);
	free(job);
}

/* It is too late, or the client has gone.  If the job has not begun, `answer` comes at once. */
static void cancelled(void *ctx, struct lwl_call *call)
{
	uv_cancel(ctx);
	(void)call;
}

void history(struct room *room, struct lwl_call *call)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL) {
		lwl_call_fail(call, LWL_ENOMEM, NULL);
		return;
	}
	job->work.data = job;
	job->call = call;
	job->path = room->path;
	lwl_call_on_cancel(call, cancelled, &job->work);
	uv_queue_work(room->uv, &job->work, read_log, answer);
}
