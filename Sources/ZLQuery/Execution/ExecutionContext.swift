import ZLColumnar

/// What a running statement may use and must watch.
final class ExecutionContext: Sendable {
    /// Threads that one statement may keep busy, the caller's included.
    let threads: Int
    let cancellation: CancellationFlag

    init(threads: Int = WorkerPool.processorCount, cancellation: CancellationFlag = CancellationFlag()) {
        self.threads = max(1, threads)
        self.cancellation = cancellation
    }

    /// The same on the calling thread alone.
    var onOneThread: ExecutionContext { threads == 1 ? self : ExecutionContext(threads: 1, cancellation: cancellation) }
}
