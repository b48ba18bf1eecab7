import CKernels
import ZLColumnar

/// An exponential average: the mean of the first n values, then each value moves it by `factor` of the distance.
///
/// What follows a value depends on those before through the state alone, so the average can be taken up behind any value.
package struct ExponentialRecursion: Sendable {
    let n: Int
    let factor: Double

    /// What the values so far leave.
    package struct State: Sendable {
        /// Values so far, n at most.
        fileprivate var count = 0
        /// Their sum until there are n; then the average.
        fileprivate var value = 0.0

        package init() {}

        /// Whether all that follows is the same bits.
        package func isSame(as other: State) -> Bool {
            count == other.count && (value.bitPattern == other.value.bitPattern || (value.isNaN && other.value.isNaN))
        }
    }

    /// A state that is mostly that of all values before once it has gone over `warmUp` values from the first of them, `value`.
    package func guess(_ value: Double) -> State {
        var state = State()
        state.count = n
        state.value = value
        return state
    }

    /// After so many values nothing is left of where the recursion began but, rarely, the last bits.
    package var warmUp: Int { Int((64 / factor).rounded(.up)) }

    /// Values without a gap that a recursion is to go over.
    package struct Run {
        let recursion: ExponentialRecursion
        let x: UnsafePointer<Double>
        let count: Int
        /// Before the first value, and after `advance` behind the last.
        package fileprivate(set) var state: State
        /// The average behind each value, NaN until there are n; nil where it is not asked for.
        let output: UnsafeMutablePointer<Double>?

        package init(
            _ recursion: ExponentialRecursion, _ x: UnsafePointer<Double>, _ count: Int, from state: State, into output: UnsafeMutablePointer<Double>?
        ) {
            self.recursion = recursion
            self.x = x
            self.count = count
            self.state = state
            self.output = output
        }

        /// Takes the values until there are n; returns how many that were.
        fileprivate mutating func seed() -> Int {
            let missing = min(recursion.n - state.count, count)
            guard missing > 0 else { return 0 }
            for index in 0..<missing {
                state.value += x[index]
                output?[index] = .nan
            }
            state.count += missing
            if state.count == recursion.n {
                state.value /= Double(recursion.n)
                output?[missing - 1] = state.value
            }
            return missing
        }
    }

    /// Goes over the values of all runs side by side: each value waits for the one before of its run, so that many take hardly longer
    /// than one. The results are those of one run after the other. All runs have an output, or none has.
    ///
    /// - Complexity: O(values)
    package static func advance(_ runs: inout [Run]) {
        var chains: [zl_chain] = []
        chains.reserveCapacity(runs.count)
        for place in runs.indices {
            let taken = runs[place].seed()
            let run = runs[place]
            chains.append(
                zl_chain(
                    x: run.x + taken, out: run.output.map { $0 + taken }, count: run.count - taken, value: run.state.value,
                    factor: run.recursion.factor))
        }
        chains.withUnsafeMutableBufferPointer { zl_run_chains($0.baseAddress, $0.count) }
        for place in runs.indices { runs[place].state.value = chains[place].value }
    }
}
