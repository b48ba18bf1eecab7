import CKernels
import ZLColumnar

/// An exponential average: the mean of the first n values, then each value moves it by `factor` of the distance.
///
/// What follows a value depends on those before through the state alone, so the average can be taken up behind any value.
package struct ExponentialRecursion: Sendable {
    package let n: Int
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
            count == other.count && ExponentialRecursion.isSame(value, other.value)
        }
    }

    /// Values without a gap that a recursion is to go over.
    package struct Run {
        let recursion: ExponentialRecursion
        let x: UnsafePointer<Double>
        let count: Int
        /// Before the first value, and after `advance` behind the last.
        package fileprivate(set) var state: State
        /// The average behind each value, NaN until there are n; nil where it is not asked for.
        let output: UnsafeMutablePointer<Double>?
        private let beganFull: Bool
        /// Whether it is known that all results are numbers, once the values have been gone over: none follows NaN.
        package var givesNumbers: Bool { beganFull && !state.value.isNaN }

        package init(
            _ recursion: ExponentialRecursion, _ x: UnsafePointer<Double>, _ count: Int, from state: State, into output: UnsafeMutablePointer<Double>?
        ) {
            self.recursion = recursion
            self.x = x
            self.count = count
            self.state = state
            self.output = output
            beganFull = state.count == recursion.n
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
    /// than one. Few long runs are cut into stretches, each but the first from a guess that the values before it bring to the state there;
    /// where it was not that to the last bit, the stretch is gone over again. The results are those of one run after the other. All runs
    /// have an output, or none has.
    ///
    /// - Complexity: O(values)
    package static func advance(_ runs: inout [Run]) {
        var stretches: [Stretch] = []
        let most = max(1, Int(ZL_CHAIN_LANES) / max(1, runs.count))
        for place in runs.indices {
            let taken = runs[place].seed()
            let rest = runs[place].count - taken
            let recursion = runs[place].recursion
            let count = max(1, min(most, rest / max(shortestStretch, recursion.warmUp)))
            let length = count == 1 ? rest : spread(rest / count)
            for number in 0..<count {
                let first = taken + number * length
                stretches.append(
                    Stretch(run: place, first: first, count: number + 1 < count ? length : runs[place].count - first, isGuess: number > 0))
            }
        }
        var guesses = stretches.filter(\.isGuess).map { stretch in
            let run = runs[stretch.run]
            let count = min(run.recursion.warmUp, stretch.first)
            let lead = run.x + stretch.first - count
            return zl_chain(x: lead, out: nil, count: count, value: lead[0], factor: run.recursion.factor)
        }
        guesses.withUnsafeMutableBufferPointer { zl_run_chains($0.baseAddress, $0.count) }
        var next = 0
        var chains = stretches.map { stretch in
            guard stretch.isGuess else { return stretch.chain(of: runs[stretch.run], from: runs[stretch.run].state.value) }
            next += 1
            return stretch.chain(of: runs[stretch.run], from: guesses[next - 1].value)
        }
        chains.withUnsafeMutableBufferPointer { zl_run_chains($0.baseAddress, $0.count) }
        next = 0
        for (stretch, chain) in zip(stretches, chains) {
            var last = chain.value
            if stretch.isGuess {
                let before = runs[stretch.run].state.value
                if !isSame(before, guesses[next].value) {
                    var chain = stretch.chain(of: runs[stretch.run], from: before)
                    zl_run_chains(&chain, 1)
                    last = chain.value
                }
                next += 1
            }
            runs[stretch.run].state.value = last
        }
    }

    /// Neighbouring values of a run behind those that seed it.
    private struct Stretch {
        let run: Int
        let first, count: Int
        /// The state before the first value is guessed.
        let isGuess: Bool

        func chain(of run: Run, from value: Double) -> zl_chain {
            zl_chain(x: run.x + first, out: run.output.map { $0 + first }, count: count, value: value, factor: run.recursion.factor)
        }
    }

    /// Shorter stretches are not worth their guesses, and would leave none for the last of many that are spread.
    private static let shortestStretch = 1024

    /// A length near by that lets stretches begin in different sets of the first-level cache: of 512 values, and a few lines apart.
    private static func spread(_ length: Int) -> Int { length / 512 * 512 + min(max(length % 512, 40), 472) }

    /// After so many values nothing is left of a guess but, rarely, the last bits.
    private var warmUp: Int { Int((48 / factor).rounded(.up)) }

    private static func isSame(_ a: Double, _ b: Double) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }
}

/// States that are known without the values before.
extension ExponentialRecursion {
    /// After so many values `settled` has mostly found the state.
    package var settling: Int { Int((64 / factor).rounded(.up)) }

    /// A state that is mostly that of all values before once it has gone over `settling` values from the first of them, `value`.
    package func guess(_ value: Double) -> State { full(value) }

    private func full(_ value: Double) -> State {
        var state = State()
        state.count = n
        state.value = value
        return state
    }

    /// The state behind `count` values that follow n or more others, all within `bounds`; nil where it may depend on the others.
    ///
    /// The state before the values is one within the bounds too. Where steps are monotone (`isMonotone`) all of those lead to the same
    /// bits once the least and the greatest do.
    package func settled(_ x: UnsafePointer<Double>, _ count: Int, within bounds: ClosedRange<Double>) -> State? {
        // why: the mean of the first n values may be rounded to beyond them
        let margin = Double(n + 2) * 0x1p-52
        let low = bounds.lowerBound - abs(bounds.lowerBound) * margin
        let high = bounds.upperBound + abs(bounds.upperBound) * margin
        guard isMonotone(low, high) else { return nil }
        var chains = [low, high].map { zl_chain(x: x, out: nil, count: count, value: $0, factor: factor) }
        chains.withUnsafeMutableBufferPointer { zl_run_chains($0.baseAddress, $0.count) }
        return chains[0].value.bitPattern == chains[1].value.bitPattern ? full(chains[0].value) : nil
    }

    /// Whether of two states v < w within the bounds, v never leads behind w by the same value x within them, as it is rounded.
    ///
    /// Let w be the double after v, u their distance, r the width of the bounds over the least magnitude in them. Units in the last place of
    /// x - v are less than 2ru, so that from v to w the rounded difference falls by u(1 + 2r) at most, by u where r <= 1 and it is exact
    /// (Sterbenz); its product with the factor f, rounded once more, falls by fu(1 + 2r) + 2fru at most, or fu + 2fru. While that is no
    /// more than u the sums are in order, and so are they rounded. A step does not leave the bounds.
    private func isMonotone(_ low: Double, _ high: Double) -> Bool {
        guard low > 0 || high < 0 else { return false }
        let (least, greatest) = (min(abs(low), abs(high)), max(abs(low), abs(high)))
        guard least > 1e-250, greatest < 1e250 else { return false }
        let r = (greatest - least) / least
        return factor * (1 + (r <= 0.99 ? 2 : 4) * r) <= 0.99
    }
}
