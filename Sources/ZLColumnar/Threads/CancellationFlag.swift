import Synchronization

/// Tells a running statement to stop. Ctrl-C sets it from a signal handler; loops look at it once per chunk or morsel.
package final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    package init() {}

    package func cancel() { raised.store(true, ordering: .relaxed) }
    package func reset() { raised.store(false, ordering: .relaxed) }
    package var isCancelled: Bool { raised.load(ordering: .relaxed) }

    package func check() throws(ZLError) {
        if isCancelled { throw ZLError.interrupted }
    }
}
