import Glibc
import Synchronization

/// Persistent threads that share out numbered tasks (morsels, files, partitions, folds) by an atomic counter.
///
/// The caller works too, so a pool of n threads starts n - 1. A call made while another one runs, from inside a task for
/// instance, runs serially on its own thread: nesting can neither deadlock nor oversubscribe.
package final class WorkerPool: @unchecked Sendable {  // proof: `job`, `generation` and `waiting` are touched under `mutex` only
    package static let shared = WorkerPool()

    private final class Job: @unchecked Sendable {  // proof: counters are atomic, `failure` is guarded by `failureLock`
        let count: Int
        let helperLimit: Int
        let body: @Sendable (Int) throws -> Void
        let next = Atomic<Int>(0)
        let helpers = Atomic<Int>(0)
        let failed = Atomic<Bool>(false)
        private let failure = Mutex<(index: Int, error: any Error)?>(nil)

        init(count: Int, helperLimit: Int, body: @escaping @Sendable (Int) throws -> Void) {
            self.count = count
            self.helperLimit = helperLimit
            self.body = body
        }

        /// Takes tasks until none is left or one failed.
        func work() {
            while !failed.load(ordering: .relaxed) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if index >= count { return }
                do {
                    try body(index)
                } catch {
                    failure.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
                    failed.store(true, ordering: .relaxed)
                }
            }
        }

        /// The error of the lowest task number. Tasks are handed out in order, so it does not depend on timing.
        func rethrow() throws {
            if let error = failure.withLock({ $0?.error }) { throw error }
        }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var job: Job?
    private var generation = 0
    private var startedThreads = 0
    private var running = 0
    private let busy = Atomic<Bool>(false)

    private init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        pthread_cond_init(done, nil)
    }

    /// Processors that this process may run on.
    package static let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// Runs `body(0)`, ..., `body(count - 1)`, up to `threads` at a time, and returns when all have ended.
    ///
    /// After a failure no further task starts; the error of the lowest failed task number is thrown.
    package func forEach(count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let wanted = min(threads, count)
        guard wanted > 1, busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            for index in 0..<count { try body(index) }
            return
        }
        defer { busy.store(false, ordering: .releasing) }
        let job = Job(count: count, helperLimit: wanted - 1, body: body)
        pthread_mutex_lock(mutex)
        startThreads(wanted - 1)
        self.job = job
        generation += 1
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
        job.work()
        pthread_mutex_lock(mutex)
        self.job = nil
        while running > 0 { pthread_cond_wait(done, mutex) }
        pthread_mutex_unlock(mutex)
        try job.rethrow()
    }

    /// Called with `mutex` held. A thread that cannot be started is done without.
    private func startThreads(_ count: Int) {
        while startedThreads < count {
            var thread = pthread_t()
            let pool = Unmanaged.passUnretained(self).toOpaque()
            let code = pthread_create(&thread, nil, { argument in
                if let argument { Unmanaged<WorkerPool>.fromOpaque(argument).takeUnretainedValue().serve() }
                return nil
            }, pool)
            guard code == 0 else { return }
            pthread_detach(thread)
            startedThreads += 1
        }
    }

    private func serve() {
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var seen = 0
        pthread_mutex_lock(mutex)
        while true {
            while job == nil || generation == seen { pthread_cond_wait(wake, mutex) }
            seen = generation
            guard let job, job.helpers.load(ordering: .relaxed) < job.helperLimit else { continue }
            job.helpers.wrappingAdd(1, ordering: .relaxed)
            running += 1
            pthread_mutex_unlock(mutex)
            job.work()
            pthread_mutex_lock(mutex)
            running -= 1
            if running == 0 { pthread_cond_signal(done) }
        }
    }
}
