import CKernels
import Glibc
import Synchronization

/// Threads that share the parts of one search after the other, for as long as training lasts.
///
/// Searches follow each other within microseconds, less than it takes to wake a thread: helpers keep looking for the next one for a
/// while before they sleep, and the caller does all parts that no helper has taken. It takes the first one that is left, helpers the
/// last one, so that a part's memory is mostly in the same cache from search to search. Results must not depend on who does what.
/// One caller at a time.
final class SearchTeam: @unchecked Sendable {  // proof: `body` is written between searches only, when every part is done
    /// The present search: its number, and the end and the begin of the parts that nobody has taken; 32, 16 and 16 bits.
    private let state = Atomic<UInt64>(0)
    private let finished = Atomic<Int>(0)
    private let sleeping = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private var body: (@Sendable (Int) -> Void)?
    private var helpers: [pthread_t] = []
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// Looks for the next search before a helper sleeps: longer than it takes to go from tree to tree with few rows.
    private static let patience = 4000
    static let mostParts = 0xFFFF

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
    }

    deinit {
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    /// Starts helpers, which must be stopped. A thread that cannot be started is done without.
    func start(helpers count: Int) {
        for _ in 0..<count {
            var thread = pthread_t()
            let reference = Unmanaged.passRetained(self)
            if pthread_create(&thread, nil, Self.main, reference.toOpaque()) == 0 {
                helpers.append(thread)
            } else {
                reference.release()
            }
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { reference in
        if let reference { Unmanaged<SearchTeam>.fromOpaque(reference).takeRetainedValue().serve() }
        return nil
    }

    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        wakeHelpers()
        for helper in helpers { pthread_join(helper, nil) }
        helpers = []
    }

    /// Calls `body` with 0 ..< parts, at most `mostParts`, and returns when all calls have.
    func run(parts: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.body = body
        finished.store(0, ordering: .relaxed)
        let number: UInt64 = (state.load(ordering: .relaxed) >> 32) &+ 1
        state.store(number << 32 | UInt64(parts) << 16, ordering: .sequentiallyConsistent)
        if sleeping.load(ordering: .sequentiallyConsistent) > 0 { wakeHelpers() }
        while takePart(isHelper: false) {}
        var looks = 0
        while finished.load(ordering: .acquiring) < parts {
            looks += 1
            // A helper may have lost its processor to the thread that waits for it.
            if looks < Self.patience { zl_pause() } else { sched_yield() }
        }
    }

    /// Does one part of the present search, if one is left.
    private func takePart(isHelper: Bool) -> Bool {
        var seen: UInt64 = state.load(ordering: .acquiring)
        while Self.hasParts(seen) {
            let taken = state.compareExchange(
                expected: seen, desired: isHelper ? seen - 1 << 16 : seen + 1, ordering: .acquiringAndReleasing)
            if taken.exchanged {
                body?(isHelper ? Int(seen >> 16 & 0xFFFF) - 1 : Int(seen & 0xFFFF))
                finished.wrappingAdd(1, ordering: .releasing)
                return true
            }
            seen = taken.original
        }
        return false
    }

    private static func hasParts(_ state: UInt64) -> Bool { state & 0xFFFF < state >> 16 & 0xFFFF }

    private func serve() {
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var looks = 0
        while !isStopped.load(ordering: .relaxed) {
            if takePart(isHelper: true) {
                looks = 0
            } else if looks < Self.patience {
                looks += 1
                zl_pause()
            } else {
                sleep()
                looks = 0
            }
        }
    }

    private func sleep() {
        pthread_mutex_lock(mutex)
        sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let isIdle: Bool = !Self.hasParts(state.load(ordering: .sequentiallyConsistent))
        if isIdle && !isStopped.load(ordering: .sequentiallyConsistent) { pthread_cond_wait(wake, mutex) }
        sleeping.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    private func wakeHelpers() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
    }
}
