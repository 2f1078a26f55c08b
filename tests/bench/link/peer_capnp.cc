/*
 * Cap'n Proto RPC between two parties.  End points are capabilities.  What is held is a call whose
 * promise has not been fulfilled.  Bytes of a write are referred to, and sent from where they are.
 *
 * Promises of what is outstanding are waited for in order; answers come in that order, too.  What is
 * queued to be sent is a chain that is taken apart recursively: a hundred thousand messages at once
 * would be too much for the stack.
 */
#include <capnp/rpc-twoparty.h>
#include <deque>
#include <kj/async-io.h>
#include <vector>

#include "bench.h"
#include "link_capnp.capnp.h"

namespace {

/* ---- server ---- */

struct Held {
	capnp::CallContext<Bench::HoldParams, Bench::HoldResults> context;
	kj::Own<kj::PromiseFulfiller<void>> fulfiller;
};

std::deque<Held> held;

class Object final : public Bench::Server {
public:
	explicit Object(uint32_t n) : number(n) {}

	kj::Promise<void> call(CallContext context) override
	{
		answer(context, context.getParams());
		return kj::READY_NOW;
	}

	kj::Promise<void> write(WriteContext context) override
	{
		auto data = context.getParams().getData();
		auto results = context.initResults(capnp::MessageSize{ 4, 0 });

		results.setA(link_first(data.begin()) + 1);
		results.setB(data.size() + 1);
		return kj::READY_NOW;
	}

	kj::Promise<void> hold(HoldContext context) override
	{
		auto later = kj::newPromiseAndFulfiller<void>();

		held.push_back({ context, kj::mv(later.fulfiller) });
		return kj::mv(later.promise);
	}

	kj::Promise<void> release(ReleaseContext context) override
	{
		for (uint32_t i = context.getParams().getCount(); i > 0 && !held.empty(); i--) {
			Held &h = held.front();

			answer(h.context, h.context.getParams());
			h.fulfiller->fulfill();
			held.pop_front();
		}
		return kj::READY_NOW;
	}

	kj::Promise<void> make(MakeContext context) override
	{
		uint32_t first = context.getParams().getFirst();
		uint32_t count = context.getParams().getCount();
		auto made = context.getResults().initMade(count);

		for (uint32_t i = 0; i < count; i++)
			made.set(i, kj::heap<Object>(first + i));
		return kj::READY_NOW;
	}

private:
	const uint32_t number;

	template <typename Context, typename Params> void answer(Context &context, Params params)
	{
		auto results = context.initResults(capnp::MessageSize{ 4, 0 });

		results.setA(params.getA() + 1);
		results.setB(params.getB() + 1 + number);
	}
};

void serve(const struct link_end *end)
{
	auto io = kj::setupAsyncIo();
	auto stream = io.lowLevelProvider->wrapSocketFd(
		end->fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
	capnp::TwoPartyServer server(kj::heap<Object>(0));
	auto done = server.accept(*stream);

	link_ready();
	done.wait(io.waitScope);
}

/* ---- client ---- */

template <typename Results> using Answers = std::deque<capnp::RemotePromise<Results>>;

struct Client {
	kj::AsyncIoContext io;
	kj::Own<kj::AsyncIoStream> stream;
	capnp::TwoPartyClient party;
	std::vector<Bench::Client> objects;
	Answers<Bench::CallResults> calls;
	Answers<Bench::WriteResults> writes;
	Answers<Bench::HoldResults> held;

	explicit Client(int fd)
		: io(kj::setupAsyncIo()), stream(io.lowLevelProvider->wrapSocketFd(
			  fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP)),
		  party(*stream)
	{
		auto first = party.bootstrap().castAs<Bench>();

		first.whenResolved().wait(io.waitScope);
		objects.push_back(kj::mv(first));
	}
};

Client *client;

void start(const struct link_end *end)
{
	client = new Client(end->fd);
}

void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	auto request = client->objects[end_point].callRequest(capnp::MessageSize{ 4, 0 });

	request.setA(a);
	request.setB(b);
	client->calls.push_back(request.send());
}

void write_data(const void *data, size_t len)
{
	auto request = client->objects[0].writeRequest(capnp::MessageSize{ 4, 0 });
	auto bytes = capnp::Data::Reader(static_cast<const kj::byte *>(data), len);
	auto orphanage = capnp::Orphanage::getForMessageContaining(Bench::WriteParams::Builder(request));

	request.adoptData(orphanage.referenceExternalData(bytes));
	client->writes.push_back(request.send());
}

void hold(uint64_t a, uint64_t b)
{
	auto request = client->objects[0].holdRequest(capnp::MessageSize{ 4, 0 });

	request.setA(a);
	request.setB(b);
	client->held.push_back(request.send());
}

void make(uint32_t first, uint32_t count)
{
	auto request = client->objects[0].makeRequest();

	request.setFirst(first);
	request.setCount(count);
	auto answer = request.send().wait(client->io.waitScope);
	for (Bench::Client object : answer.getMade())
		client->objects.push_back(kj::mv(object));
}

template <typename Results> void take(Answers<Results> &answers)
{
	auto promise = kj::mv(answers.front());

	answers.pop_front();
	auto answer = promise.wait(client->io.waitScope);
	link_answered(answer.getA(), answer.getB());
}

void turn()
{
	if (!client->calls.empty())
		take(client->calls);
	else
		take(client->writes);
}

void release()
{
	while (!client->held.empty()) {
		auto request = client->objects[0].releaseRequest();

		request.setCount(STEP_MAX);
		request.send().wait(client->io.waitScope);
		for (int i = 0; i < STEP_MAX && !client->held.empty(); i++)
			take(client->held);
	}
}

void stop()
{
	while (client->objects.size() > 1) {
		for (int i = 0; i < STEP_MAX && client->objects.size() > 1; i++)
			client->objects.pop_back();
		client->objects[0].releaseRequest().send().wait(client->io.waitScope);
	}
	delete client;
}

} // namespace

extern "C" const struct link_peer link_peer = {
	"Cap'n Proto",
	0,
	serve,
	start,
	call,
	write_data,
	hold,
	release,
	make,
	turn,
	stop,
	false,
	nullptr
};
