import ZLColumnar
import ZLFunctions

/// A recursion that a window call is, over one expression's values; rows where it is NULL are left out.
struct WindowRecursion: Sendable {
    let argument: BoundExpression
    let steps: ExponentialRecursion
}

extension BoundWindowCall {
    var recursion: WindowRecursion? {
        guard frameUse == .trailing, filter == nil, let steps = evaluator.recursion else { return nil }
        return WindowRecursion(argument: arguments[0], steps: steps)
    }
}

/// The states of recursions at the borders of an ordered input's parts, so that the rows of any part can be done alone.
///
/// Stretches of the input are gone over side by side. One that begins within a partition starts from a guess that the rows before it
/// bring close to the state there. Whether it was the state to the last bit is known once the stretch before has been gone over; where it
/// was not, parts are gone over again until the states meet. So results are those of one pass over all rows.
///
/// - Complexity: O(rows), spread over the threads; what follows a wrong guess is done by one.
struct RecursionStates: Sendable {
    private let recursionCount: Int
    /// By part, then by recursion.
    private let states: [ExponentialRecursion.State]

    /// The state at the beginning of a part of the partition that began before it.
    func state(of part: Int, _ recursion: Int) -> ExponentialRecursion.State { states[part * recursionCount + recursion] }

    init(_ recursions: [WindowRecursion], _ child: any PhysicalOperator, _ rows: OrderedRows, _ context: ExecutionContext) throws {
        recursionCount = recursions.count
        guard !recursions.isEmpty else {
            states = []
            return
        }
        let narrow = child.giving(atLeast: recursions.reduce(into: []) { $1.argument.collectColumns(into: &$0) })
        let pass = try RecursionPass(recursions, try narrow.open(context), narrow.layout, rows)
        try WorkerPool.shared.forEach(count: rows.morselParts.count - 1, threads: context.threads) { morsel in
            try context.cancellation.check()
            try pass.guess(morsel)
        }
        try pass.correct(context)
        states = pass.entering
    }
}

/// Goes over the values of recursions part by part.
private final class RecursionPass: @unchecked Sendable {  // proof: each task writes the states of its own parts, read when all have ended
    private typealias State = ExponentialRecursion.State
    private static let partsPerStretch = 8
    /// Where more rows would have to lead to a guess, there is none: partitions that lie across stretches are done one part after the other.
    private static let longestWarmUp = 1 << 14

    private let recursions: [ExponentialRecursion]
    /// The distinct arguments, and the place of each recursion's among them.
    private let arguments: [(expression: PhysicalExpression, type: DataType)]
    private let argumentPlaces: [Int]
    private let source: any BatchSource
    private let rows: OrderedRows
    private let warmUp: Int
    /// By part, then by recursion: the states before the part's first row and behind its last, of the partition that goes on there.
    private let before, behind: UnsafeMutableBufferPointer<State>

    init(_ recursions: [WindowRecursion], _ source: any BatchSource, _ layout: ColumnLayout, _ rows: OrderedRows) throws {
        self.recursions = recursions.map(\.steps)
        var distinct: [BoundExpression] = []
        argumentPlaces = recursions.map { recursion in
            if let known = distinct.firstIndex(where: { $0.isSame(as: recursion.argument) }) { return known }
            distinct.append(recursion.argument)
            return distinct.count - 1
        }
        arguments = Array(zip(try PhysicalExpression.all(distinct, layout), distinct.map(\.type)))
        self.source = source
        self.rows = rows
        warmUp = recursions.reduce(0) { max($0, $1.steps.warmUp) }
        let count = (rows.partStarts.count - 1) * recursions.count
        before = .allocate(capacity: count)
        behind = .allocate(capacity: count)
        before.initialize(repeating: State())
        behind.initialize(repeating: State())
    }

    deinit {
        before.deallocate()
        behind.deallocate()
    }

    var entering: [ExponentialRecursion.State] { Array(before) }

    /// Goes over a morsel's stretches side by side, each from a guess.
    func guess(_ morsel: Int) throws {
        let parts = rows.morselParts[morsel]..<rows.morselParts[morsel + 1]
        var held: [Int: [ColumnVector]] = [:]
        for part in parts { held[part] = try read(part) }
        var tracks: [Track] = []
        for first in stride(from: parts.lowerBound, to: parts.upperBound, by: RecursionPass.partsPerStretch) {
            var track = Track(states: [State](repeating: State(), count: recursions.count))
            if warmUp <= RecursionPass.longestWarmUp { try leadIn(&track, to: first, &held) }
            for part in first..<min(first + RecursionPass.partsPerStretch, parts.upperBound) {
                track.legs.append(crossing(part))
            }
            tracks.append(track)
        }
        for leg in 0..<(tracks.lazy.map(\.legs.count).max() ?? 0) { advance(&tracks, leg, held) }
    }

    /// Sets what is known to be wrong right, from the first part on.
    func correct(_ context: ExecutionContext) throws {
        for part in 1..<max(1, rows.partStarts.count - 1) {
            let (last, now) = ((part - 1) * recursions.count, part * recursions.count)
            if recursions.indices.allSatisfy({ before[now + $0].isSame(as: behind[last + $0]) }) { continue }
            try context.cancellation.check()
            var tracks = [Track(states: recursions.indices.map { behind[last + $0] })]
            tracks[0].legs.append(crossing(part))
            advance(&tracks, 0, [part: try read(part)])
        }
    }

    /// The rows of a part whose partition goes on behind it; none where it does not.
    private func crossing(_ part: Int) -> Leg {
        let (start, end) = (rows.partStarts[part], rows.partStarts[part + 1])
        guard start < end else { return Leg(part: part, rows: end..<end, kind: .goesOn) }
        let partition = rows.partition(of: end - 1)
        if rows.partitionStarts[partition + 1] == end { return Leg(part: part, rows: end..<end, kind: .begins) }
        let first = rows.partitionStarts[partition]
        return Leg(part: part, rows: max(start, first)..<end, kind: first < start ? .goesOn : .begins)
    }

    /// Some rows of a part.
    private struct Leg {
        /// A partition begins, goes on, or is led into.
        enum Kind { case begins, goesOn, leadsIn }
        let part: Int
        let rows: Range<Int>
        let kind: Kind
    }

    /// Rows that follow one another.
    private struct Track {
        var states: [State]
        var legs: [Leg] = []
    }

    /// The rows before a part that lead from a guess to the state at its beginning.
    private func leadIn(_ track: inout Track, to first: Int, _ held: inout [Int: [ColumnVector]]) throws {
        let end = rows.partStarts[first]
        guard end < rows.partStarts[rows.partStarts.count - 1] else { return }
        let start = rows.partitionStarts[rows.partition(of: end)]
        guard start < end else { return }
        let low = max(start, end - warmUp)
        for part in rows.part(of: low)..<first {
            if held[part] == nil { held[part] = try read(part) }
            let leg = max(low, rows.partStarts[part])..<rows.partStarts[part + 1]
            track.legs.append(Leg(part: part, rows: leg, kind: .leadsIn))
        }
        guard low > start, let leg = track.legs.first, let vectors = held[leg.part] else { return }
        let row = low - rows.partStarts[leg.part]
        for (place, recursion) in recursions.enumerated() {
            track.states[place] = recursion.guess(vectors[argumentPlaces[place]].values(Double.self)[row])
        }
    }

    /// One leg of each track.
    private func advance(_ tracks: inout [Track], _ number: Int, _ held: [Int: [ColumnVector]]) {
        var runs: [ExponentialRecursion.Run] = []
        var copies: [Buffer] = []
        for track in tracks where number < track.legs.count {
            let leg = track.legs[number]
            let start = rows.partStarts[leg.part]
            let local = leg.rows.lowerBound - start..<leg.rows.upperBound - start
            let values = (held[leg.part] ?? []).map { $0.numbers(local, &copies) }
            for (place, recursion) in recursions.enumerated() {
                let x = values[argumentPlaces[place]]
                if leg.kind != .leadsIn { before[leg.part * recursions.count + place] = track.states[place] }
                runs.append(.init(recursion, x.values, x.count, from: leg.kind == .begins ? State() : track.states[place], into: nil))
            }
        }
        ExponentialRecursion.advance(&runs)
        withExtendedLifetime((held, copies)) {}
        var next = 0
        for index in tracks.indices where number < tracks[index].legs.count {
            let leg = tracks[index].legs[number]
            for place in recursions.indices {
                tracks[index].states[place] = runs[next].state
                if leg.kind != .leadsIn { behind[leg.part * recursions.count + place] = runs[next].state }
                next += 1
            }
        }
    }

    private func read(_ part: Int) throws -> [ColumnVector] {
        let morsel = rows.morsel(of: part)
        let local = part - rows.morselParts[morsel]
        var vectors = [[ColumnVector]](repeating: [], count: arguments.count)
        try source.run(morsel: morsel, parts: local..<local + 1) { batch in
            for (place, argument) in arguments.enumerated() { vectors[place].append(try argument.expression.evaluate(batch.chunk)) }
        }
        return zip(vectors, arguments).map { ColumnVector.concatenate($0, type: $1.type) }
    }
}
