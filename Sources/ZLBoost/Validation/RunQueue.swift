import Glibc
import Synchronization
import ZLColumnar

/// One training run of a validation.
struct TrainingTask: Sendable {
    var rows: FoldRows
    /// Rows that metrics are measured on and early stopping watches.
    var watched: Range<Int>?
    var parameters: BoostParameters

    /// Fits the task's rows.
    func run(
        _ matrix: TrainingMatrix, threads: Int, progress: (TrainingProgress) -> Void, isCancelled: () -> Bool
    ) throws(ZLError) -> BoostedModel {
        if isCancelled() { throw .interrupted }
        let dataset = try Dataset(matrix, rows: rows.fitted, parameters: parameters, threads: threads)
        var validation: [ValidationSet] = []
        if let watched {
            validation.append(
                try ValidationSet(name: "valid", matrix, rows: watched, binnedLike: dataset, isWeighted: false))
        }
        return try BoostingTrainer.train(
            dataset, parameters, validation: validation, threads: threads, progress: progress, isCancelled: isCancelled)
    }
}

/// Training runs that several threads take one after the other. Each run is independent, so neither the number of threads nor
/// their timing changes a model.
final class RunQueue: Sendable {
    private struct State {
        var tasks: [TrainingTask] = []
        /// Indices of tasks that nobody has taken, the next one last.
        var waiting: [Int] = []
        var models: [BoostedModel?] = []
        /// Threads for each run: one where the runs themselves are spread over them.
        var innerThreads = 1
        /// The error of the first task, in the order of tasks, that failed on its own.
        var failure: (task: Int, error: ZLError)?
    }

    private let matrix: TrainingMatrix
    private let foldCount: Int
    private let progress: @Sendable (ValidationProgress) -> Void
    private let isCancelled: @Sendable () -> Bool
    private let state = Mutex(State())
    private let progressLock = Mutex(())

    init(
        _ matrix: TrainingMatrix, foldCount: Int, progress: @escaping @Sendable (ValidationProgress) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.matrix = matrix
        self.foldCount = foldCount
        self.progress = progress
        self.isCancelled = isCancelled
    }

    /// Runs tasks and returns their models in order. One thread takes them in order, several the largest first.
    func run(_ tasks: [TrainingTask], threads: Int) throws(ZLError) -> [BoostedModel] {
        let workers: Int = max(1, min(threads, tasks.count))
        var order: [Int] = Array(tasks.indices)
        if workers > 1 { order.sort { (-tasks[$0].rows.fitted.count, $0) < (-tasks[$1].rows.fitted.count, $1) } }
        let waiting: [Int] = order.reversed()
        state.withLock {
            $0 = State(
                tasks: tasks, waiting: waiting, models: Array(repeating: nil, count: tasks.count),
                innerThreads: workers > 1 ? 1 : threads)
        }
        var helpers: [pthread_t] = []
        for _ in 1..<max(workers, 1) {
            var thread = pthread_t()
            // why: without another thread this one does all the work, so a failure to start one is none.
            let reference = Unmanaged.passRetained(self)
            if pthread_create(&thread, nil, Self.body, reference.toOpaque()) == 0 {
                helpers.append(thread)
            } else {
                reference.release()
            }
        }
        work()
        for helper in helpers { pthread_join(helper, nil) }
        let (models, failure) = state.withLock { ($0.models, $0.failure) }
        if let failure { throw failure.error }
        let finished: [BoostedModel] = models.compactMap { $0 }
        guard finished.count == tasks.count else { throw .interrupted }
        return finished
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { reference in
        if let reference { Unmanaged<RunQueue>.fromOpaque(reference).takeRetainedValue().work() }
        return nil
    }

    /// Takes tasks until there are none.
    private func work() {
        let innerThreads: Int = state.withLock { $0.innerThreads }
        while let (index, task) = take() {
            do throws(ZLError) {
                let model: BoostedModel = try task.run(
                    matrix, threads: innerThreads, progress: { self.report(task, $0) },
                    isCancelled: { self.isCancelled() || self.hasFailed })
                state.withLock { $0.models[index] = model }
            } catch {
                state.withLock { fail(&$0, index, error) }
            }
        }
    }

    private func take() -> (Int, TrainingTask)? {
        state.withLock { state in
            guard state.failure == nil, let index = state.waiting.popLast() else { return nil }
            return (index, state.tasks[index])
        }
    }

    private var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// Notes an error. Runs that stop because another failed report an interruption, which must not hide the reason.
    private func fail(_ state: inout State, _ index: Int, _ error: ZLError) {
        if let earlier = state.failure, earlier.error != .interrupted, error == .interrupted || earlier.task < index {
            return
        }
        state.failure = (index, error)
    }

    private func report(_ task: TrainingTask, _ training: TrainingProgress) {
        let line = ValidationProgress(fold: task.rows.fold, foldCount: foldCount, training: training)
        progressLock.withLock { _ in progress(line) }
    }
}
