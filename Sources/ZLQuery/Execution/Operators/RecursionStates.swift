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

/// The states of recursions at the borders of an ordered input's morsels, so that the rows of any morsel can be done alone.
///
/// A recursion forgets: what the values before a border lead to is mostly the same to the last bit wherever they began, and where bounds of
/// all values are known that can be proved from the few rows before the border (`ExponentialRecursion.settled`). For other borders the
/// morsels before them are gone over, each from a guess. Whether that was the state to the last bit is known once the morsel before it has
/// been gone over; where it was not, its morsel is gone over again. So results are those of one pass over all rows.
///
/// - Complexity: O(rows), spread over the threads; what follows a wrong guess is done by one. O(morsels) with bounds.
struct RecursionStates: Sendable {
    private let recursionCount: Int
    /// By morsel, then by recursion.
    private let states: [ExponentialRecursion.State]

    /// The states before the first row of a morsel, of the partition that goes on there.
    func entering(_ morsel: Int) -> [ExponentialRecursion.State] {
        Array(states[morsel * recursionCount..<(morsel + 1) * recursionCount])
    }

    init(_ recursions: [WindowRecursion], _ child: any PhysicalOperator, _ rows: OrderedRows, _ context: ExecutionContext) throws {
        recursionCount = recursions.count
        guard !recursions.isEmpty else {
            states = []
            return
        }
        let narrow = child.giving(atLeast: recursions.reduce(into: []) { $1.argument.collectColumns(into: &$0) })
        let pass = try RecursionPass(recursions, try narrow.open(context), narrow.layout, rows)
        for step in [pass.prove, pass.guess] as [@Sendable (Int) throws -> Void] {
            try WorkerPool.shared.forEach(count: rows.morselParts.count - 1, threads: context.threads) { morsel in
                try context.cancellation.check()
                try step(morsel)
            }
        }
        try pass.correct(context)
        states = pass.entering
    }
}

/// Finds the states that enter morsels.
private final class RecursionPass: @unchecked Sendable {  // proof: each task writes the places of its own morsel, read when all have ended
    private typealias State = ExponentialRecursion.State
    private static let partsPerPiece = 8
    /// More rows would cost more to read before each border than they save.
    private static let longestLead = 1 << 14

    private let recursions: [ExponentialRecursion]
    /// The distinct arguments, and the place of each recursion's among them.
    private let arguments: [(expression: PhysicalExpression, type: DataType)]
    private let argumentPlaces: [Int]
    private let source: any BatchSource
    private let rows: OrderedRows
    /// By morsel and argument: bounds of the values before the morsel, of the partition that goes on there; nil where they are not known.
    private var bounds: [[ClosedRange<Double>?]] = []
    /// By morsel: whether the states that enter it are known.
    private let areKnown: UnsafeMutableBufferPointer<Bool>
    /// By morsel, then by recursion: the states before its first row, known or guessed, and behind its last, of the partition that goes on
    /// there.
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
        let morselCount = rows.morselParts.count - 1
        areKnown = .allocate(capacity: morselCount)
        before = .allocate(capacity: morselCount * recursions.count)
        behind = .allocate(capacity: morselCount * recursions.count)
        areKnown.initialize(repeating: false)
        before.initialize(repeating: State())
        behind.initialize(repeating: State())
        bounds = try findBounds()
    }

    deinit {
        areKnown.deallocate()
        before.deallocate()
        behind.deallocate()
    }

    var entering: [ExponentialRecursion.State] { Array(before) }

    /// The rows before a morsel of the partition that goes on into it; nil where none does.
    private func crossing(_ morsel: Int) -> Range<Int>? {
        let row = rows.partStarts[rows.morselParts[morsel]]
        guard row < rows.partStarts[rows.partStarts.count - 1] else { return nil }
        let first = rows.partitionStarts[rows.partition(of: row)]
        return first < row ? first..<row : nil
    }

    private func findBounds() throws -> [[ClosedRange<Double>?]] {
        let unknown = [ClosedRange<Double>?](repeating: nil, count: arguments.count)
        var result = [unknown]
        for morsel in 1..<max(1, areKnown.count) {
            guard let crossing = crossing(morsel) else {
                result.append(unknown)
                continue
            }
            let start = rows.morselParts[morsel - 1]
            var found = result[morsel - 1]
            var parts = start..<rows.morselParts[morsel]
            if crossing.lowerBound >= rows.partStarts[start] {
                // why: the part that a partition begins in has values of the one before
                let first = rows.part(of: crossing.lowerBound)
                let head = crossing.lowerBound..<rows.partStarts[first + 1]
                found = zip(arguments, try values(head)).map { $0.type == .double && $0.expression.isColumn ? $1.doubleBounds : nil }
                parts = first + 1..<parts.upperBound
            }
            if !parts.isEmpty, found.contains(where: { $0 != nil }) {
                let more = try source.doubleBounds(morsel: morsel - 1, parts: parts.lowerBound - start..<parts.upperBound - start)
                for (place, argument) in arguments.enumerated() {
                    guard case .column(let column) = argument.expression, more.indices.contains(column) else {
                        found[place] = nil
                        continue
                    }
                    found[place] = found[place].hull(with: more[column])
                }
            }
            result.append(found)
        }
        return result
    }

    /// Finds the states that enter a morsel from the few rows before it, where they can be known from these.
    func prove(_ morsel: Int) throws {
        guard let crossing = crossing(morsel) else { return areKnown[morsel] = true }
        let settling = recursions.reduce(0) { max($0, $1.settling) }
        let seeds = recursions.reduce(0) { max($0, $1.n) }
        guard settling <= RecursionPass.longestLead, seeds <= RecursionPass.longestLead else { return }
        let place = morsel * recursions.count
        if crossing.count <= settling + seeds {
            let found = try advance([State](repeating: State(), count: recursions.count), over: crossing)
            for (index, state) in found.enumerated() { before[place + index] = state }
            return areKnown[morsel] = true
        }
        let bounds = argumentPlaces.compactMap { self.bounds[morsel][$0] }
        guard bounds.count == recursions.count else { return }
        let lead = try values(crossing.upperBound - settling..<crossing.upperBound)
        for (index, recursion) in recursions.enumerated() {
            let x = lead[argumentPlaces[index]]
            guard let state = recursion.settled(x.values(Double.self), x.count, within: bounds[index]) else { return }
            before[place + index] = state
        }
        withExtendedLifetime(lead) {}
        areKnown[morsel] = true
    }

    /// Goes over a morsel where the states behind it are wanted, from a guess where those before it are not known.
    func guess(_ morsel: Int) throws {
        guard morsel + 1 < areKnown.count, !areKnown[morsel + 1] else { return }
        if !areKnown[morsel], let crossing = crossing(morsel) { try guess(morsel, behind: crossing) }
        try goOver(morsel)
    }

    private func guess(_ morsel: Int, behind crossing: Range<Int>) throws {
        let settling = recursions.reduce(0) { max($0, $1.settling) }
        guard settling <= RecursionPass.longestLead else { return }
        let lead = max(crossing.lowerBound, crossing.upperBound - settling)..<crossing.upperBound
        var states = [State](repeating: State(), count: recursions.count)
        if lead.lowerBound > crossing.lowerBound {
            let first = try values(lead.lowerBound..<lead.lowerBound + 1)
            for (index, recursion) in recursions.enumerated() {
                states[index] = recursion.guess(first[argumentPlaces[index]].values(Double.self)[0])
            }
            withExtendedLifetime(first) {}
        }
        for (index, state) in try advance(states, over: lead).enumerated() { before[morsel * recursions.count + index] = state }
    }

    /// Finds the states behind a morsel from those before it.
    private func goOver(_ morsel: Int) throws {
        guard let crossing = crossing(morsel + 1) else { return }
        let start = rows.partStarts[rows.morselParts[morsel]]
        let place = morsel * recursions.count
        let states = recursions.indices.map { crossing.lowerBound < start ? before[place + $0] : State() }
        let found = try advance(states, over: max(start, crossing.lowerBound)..<crossing.upperBound)
        for (index, state) in found.enumerated() { behind[place + index] = state }
    }

    /// Sets wrong guesses right, from the first morsel on.
    func correct(_ context: ExecutionContext) throws {
        for morsel in 1..<max(1, areKnown.count) where !areKnown[morsel] {
            let (last, now) = ((morsel - 1) * recursions.count, morsel * recursions.count)
            if recursions.indices.allSatisfy({ before[now + $0].isSame(as: behind[last + $0]) }) { continue }
            try context.cancellation.check()
            for index in recursions.indices { before[now + index] = behind[last + index] }
            if morsel + 1 < areKnown.count, !areKnown[morsel + 1] { try goOver(morsel) }
        }
    }

    /// The states behind some rows of one partition.
    private func advance(_ states: [State], over range: Range<Int>) throws -> [State] {
        var states = states
        var row = range.lowerBound
        while row < range.upperBound {
            let part = rows.part(of: row)
            let end = min(range.upperBound, rows.partStarts[min(part + RecursionPass.partsPerPiece, rows.partStarts.count - 1)])
            let read = try values(row..<end)
            var copies: [Buffer] = []
            let numbers = read.map { $0.numbers(0..<$0.count, &copies) }
            var runs = recursions.indices.map { index in
                let x = numbers[argumentPlaces[index]]
                return ExponentialRecursion.Run(recursions[index], x.values, x.count, from: states[index], into: nil)
            }
            ExponentialRecursion.advance(&runs)
            withExtendedLifetime((read, copies)) {}
            states = runs.map(\.state)
            row = end
        }
        return states
    }

    /// The arguments' values at neighbouring rows.
    private func values(_ range: Range<Int>) throws -> [ColumnVector] {
        let parts = rows.part(of: range.lowerBound)..<rows.part(of: range.upperBound - 1) + 1
        var vectors = [[ColumnVector]](repeating: [], count: arguments.count)
        for part in parts {
            let morsel = rows.morsel(of: part)
            let local = part - rows.morselParts[morsel]
            try source.run(morsel: morsel, parts: local..<local + 1) { batch in
                for (place, argument) in arguments.enumerated() { vectors[place].append(try argument.expression.evaluate(batch.chunk)) }
            }
        }
        let start = rows.partStarts[parts.lowerBound]
        return zip(vectors, arguments).map { vectors, argument in
            ColumnVector.concatenate(vectors, type: argument.type).slice(range.lowerBound - start..<range.upperBound - start)
        }
    }
}

extension ClosedRange<Double>? {
    /// Bounds of what lies within either; nil where one is not known.
    func hull(with other: ClosedRange<Double>?) -> ClosedRange<Double>? {
        guard let self, let other else { return nil }
        return Swift.min(self.lowerBound, other.lowerBound)...Swift.max(self.upperBound, other.upperBound)
    }
}

extension ColumnVector {
    /// Bounds of the values of a flat DOUBLE vector; nil where some may be NULL, NaN or infinite, or there are none.
    fileprivate var doubleBounds: ClosedRange<Double>? {
        guard !mayHaveNulls, count > 0 else { return nil }
        let values = values(Double.self)
        var (least, greatest) = (values[0], values[0])
        for row in 0..<count {
            guard values[row].isFinite else { return nil }
            least = min(least, values[row])
            greatest = max(greatest, values[row])
        }
        return least...greatest
    }
}

extension PhysicalExpression {
    fileprivate var isColumn: Bool { if case .column = self { true } else { false } }
}
