import Synchronization

extension WorkerPool {
    /// The results of `body(0)`, ..., `body(count - 1)` in that order, worked out up to `threads` at a time.
    ///
    /// - Throws: the error of the lowest failed task number.
    package func map<Result: Sendable>(
        count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws(ZLError) -> Result
    ) throws(ZLError) -> [Result] {
        let slots = Slots<Result>(count)
        do {
            try forEach(count: count, threads: threads) { index in
                let result = try body(index)
                slots.results.withLock { $0[index] = result }
            }
        } catch let error as ZLError {
            throw error
        } catch {
            throw ZLError(.internal, "unexpected_error", "\(error)")
        }
        return slots.results.withLock { $0.compactMap { $0 } }
    }

    private final class Slots<Result: Sendable>: Sendable {
        let results: Mutex<[Result?]>
        init(_ count: Int) { results = Mutex([Result?](repeating: nil, count: count)) }
    }
}
