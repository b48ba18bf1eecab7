import ZLColumnar
import ZLFunctions

/// Window calls over an input that comes in their order and can be read by parts: computed piece by piece with the rows that they reach
/// to, so that memory holds a morsel and not the input.
struct StreamedWindow: BatchSource {
    /// Pieces of this many parts stay in the second-level cache with what is computed from them.
    private static let partsPerPiece = 8

    /// The distinct arguments and FILTER conditions of all calls.
    private let arguments: StreamedArguments
    /// For each column of the window's input its place among those that are read; or NULLs, for one that nothing above reads.
    private let inputColumns: [Input]
    private let rows: OrderedRows
    private let calls: [Call]
    /// Of the recursions among the calls, in their order.
    private let states: RecursionStates
    private let resultCount: Int
    /// The farthest that a call reaches.
    private let reach: WindowReach
    /// None: no call asks for them.
    private let peers = PeerGroups()

    /// Calls over the same frame of the same arguments, which are computed piece by piece; a recursion, whose states at the borders of
    /// morsels are known; or the results of one that had to see its partitions whole. Places are those of the results.
    private enum Call: Sendable {
        case pieces(Cuttable)
        case recursion(ExponentialRecursion, argument: Int, place: Int)
        case whole(ColumnVector, place: Int)
    }

    private enum Input: Sendable {
        case read(Int)
        case blank(ColumnVector)
    }

    private struct Cuttable: Sendable {
        var members: [(place: Int, call: BoundWindowCall)]
        let frame: ZLFunctions.WindowFrame
        /// Places among the arguments of all calls.
        let arguments: [Int]
        let filter: Int?

        func isLike(_ other: Cuttable) -> Bool {
            arguments == other.arguments && filter == other.filter && frame.isSame(as: other.frame)
                && members[0].call.ignoresNulls == other.members[0].call.ignoresNulls
        }
    }

    /// - Parameters:
    ///   - columns: of the window's input, of which `child` gives those that are read.
    ///   - passing: those that are read above; nil where all are.
    ///   - states: of the calls that are recursions.
    ///   - whole: gives the results of a call without a reach, for all rows.
    init(
        _ calls: [BoundWindowCall], over columns: [OutputColumn], child: any PhysicalOperator, passing: Set<ColumnID>?, rows: OrderedRows,
        states: RecursionStates, _ context: ExecutionContext, whole: (BoundWindowCall) throws -> ColumnVector
    ) throws {
        var distinct: [BoundExpression] = []
        func place(_ expression: BoundExpression) -> Int {
            if let known = distinct.firstIndex(where: { $0.isSame(as: expression) }) { return known }
            distinct.append(expression)
            return distinct.count - 1
        }
        var made: [Call] = []
        var (before, after) = (0, 0)
        next: for (number, call) in calls.enumerated() {
            if let recursion = call.recursion {
                made.append(.recursion(recursion.steps, argument: place(recursion.argument), place: number))
                continue
            }
            guard let frame = call.constantFrame, let reach = call.reach else {
                made.append(.whole(try whole(call), place: number))
                continue
            }
            before = max(before, reach.before)
            after = max(after, reach.after)
            let new = Cuttable(
                members: [(number, call)], frame: frame, arguments: call.arguments.prefix(call.evaluator.valueCount).map(place),
                filter: call.filter.map(place))
            for (index, known) in made.enumerated() {
                if case .pieces(var known) = known, known.isLike(new) {
                    known.members += new.members
                    made[index] = .pieces(known)
                    continue next
                }
            }
            made.append(.pieces(new))
        }
        resultCount = calls.count
        arguments = try StreamedArguments(distinct, of: child, passing: passing, rows, context)
        let given = arguments.columns
        inputColumns = columns.map { column in
            given.firstIndex { $0.id == column.id }.map { .read($0) } ?? .blank(.nulls(column.type, count: DataChunk.capacity))
        }
        self.rows = rows
        self.calls = made
        self.states = states
        reach = WindowReach(before: before, after: after)
    }

    var rowLimit: Int? { rows.partStarts.last }
    var morselCount: Int { arguments.child.morselCount }

    func run(morsel: Int, emit: (Batch) throws -> Void) throws {
        var held = HeldParts(first: rows.morselParts[morsel])
        var entering = states.entering(morsel)
        for first in stride(from: rows.morselParts[morsel], to: rows.morselParts[morsel + 1], by: StreamedWindow.partsPerPiece) {
            let parts = first..<min(first + StreamedWindow.partsPerPiece, rows.morselParts[morsel + 1])
            let targets = rows.partStarts[parts.lowerBound]..<rows.partStarts[parts.upperBound]
            guard !targets.isEmpty else { continue }
            let reached = self.rows(around: targets)
            let needed = arguments.areSegments ? parts : rows.part(of: reached.lowerBound)..<rows.part(of: reached.upperBound - 1) + 1
            held.drop(before: needed.lowerBound)
            for part in needed where !held.contains(part) { held.append(try arguments.read(part), part) }
            try emitPiece(held, needed, parts, targets, reached, &entering, emit)
        }
    }

    /// The rows that results for `targets` are computed from.
    private func rows(around targets: Range<Int>) -> Range<Int> {
        let low = max(rows.partitionStarts[rows.partition(of: targets.lowerBound)], targets.lowerBound - reach.before)
        let high = min(rows.partitionStarts[rows.partition(of: targets.upperBound - 1) + 1], targets.upperBound + reach.after)
        return low..<high
    }

    private func emitPiece(
        _ held: HeldParts, _ needed: Range<Int>, _ parts: Range<Int>, _ targets: Range<Int>, _ reached: Range<Int>,
        _ entering: inout [ExponentialRecursion.State], _ emit: (Batch) throws -> Void
    ) throws {
        let range = arguments.areSegments ? reached : rows.partStarts[needed.lowerBound]..<rows.partStarts[needed.upperBound]
        let base = range.lowerBound
        let values = try arguments.values(held, needed, range)
        var results = [ColumnVector?](repeating: nil, count: resultCount)
        evaluateRecursions(values, targets, base, &entering, into: &results)
        for call in calls {
            switch call {
            case .recursion: break
            case .pieces(let call):
                for (member, result) in zip(call.members, try evaluate(call, values, targets, base)) { results[member.place] = result }
            case .whole(let result, let place): results[place] = result.slice(targets)
            }
        }
        let columns = results.compactMap { $0 }
        var row = 0
        // why: parts without rows at either end are not held
        for part in parts.clamped(to: needed) {
            for batch in held[part].batches {
                let next = row + batch.chunk.rowCount
                var output = all(of: batch.chunk, andMore: columns.count)
                for column in columns { output.append(column.slice(row..<next)) }
                try emit(batch.with(output))
                row = next
            }
        }
    }

    /// The columns of the window's input, with room for others.
    private func all(of read: DataChunk, andMore count: Int) -> [ColumnVector] {
        var columns: [ColumnVector] = []
        columns.reserveCapacity(inputColumns.count + count)
        for input in inputColumns {
            switch input {
            case .read(let place): columns.append(read.columns[place])
            case .blank(let nulls): columns.append(nulls.count == read.rowCount ? nulls : nulls.resized(to: read.rowCount))
            }
        }
        return columns
    }

    /// The results of all recursions for `targets`. Rows are counted from `base`, the first of `inputs`.
    ///
    /// - Parameter states: before the first of the targets; then behind the last.
    private func evaluateRecursions(
        _ inputs: [ColumnVector], _ targets: Range<Int>, _ base: Int, _ states: inout [ExponentialRecursion.State],
        into results: inout [ColumnVector?]
    ) {
        guard !states.isEmpty else { return }
        var outputs: [(rows: RecursionOutput, place: Int)] = []
        var runs: [ExponentialRecursion.Run] = []
        for case .recursion(let steps, let argument, let place) in calls {
            var output = RecursionOutput(inputs[argument], targets.lowerBound - base..<targets.upperBound - base)
            var row = targets.lowerBound
            while row < targets.upperBound {
                let partition = rows.partition(of: row)
                let next = min(targets.upperBound, rows.partitionStarts[partition + 1])
                let isNew = rows.partitionStarts[partition] == row
                runs.append(output.run(steps, row - base..<next - base, from: isNew ? .init() : states[outputs.count]))
                row = next
            }
            outputs.append((output, place))
        }
        ExponentialRecursion.advance(&runs)
        let count = runs.count / outputs.count
        for (number, output) in outputs.enumerated() {
            let own = runs[number * count..<(number + 1) * count]
            results[output.place] = output.rows.finish(own)
            states[number] = own.last?.state ?? states[number]
        }
    }

    /// The results of the calls for `targets`. Rows are counted from `base`, the first of `inputs`; partitions may begin before it.
    private func evaluate(_ call: Cuttable, _ inputs: [ColumnVector], _ targets: Range<Int>, _ base: Int) throws(ZLError) -> [ColumnVector] {
        let arguments = call.arguments.map { inputs[$0] }
        let filter = call.filter.map { inputs[$0].truthBytes() }
        let wanted = targets.lowerBound - base..<targets.upperBound - base
        let outputs = call.members.map {
            WindowOutput(type: $0.call.resultType, rows: wanted, heaps: arguments.flatMap(\.heaps))
        }
        // why: to copy a call at each of many partitions costs more than a short one
        let members = zip(call.members, outputs).map { (evaluator: $0.call.evaluator, range: $0.call.range, output: $1) }
        let ignoresNulls = call.members[0].call.ignoresNulls
        var place = rows.partition(of: targets.lowerBound)
        while place + 1 < rows.partitionStarts.count, rows.partitionStarts[place] < targets.upperBound {
            let bounds = rows.partitionStarts[place] - base..<rows.partitionStarts[place + 1] - base
            let partition = WindowPartition(
                arguments: arguments, rows: bounds, frame: call.frame, peerStart: peers.start, peerEnd: peers.end,
                filter: filter.map { UnsafePointer($0.values(UInt8.self)) }, ignoresNulls: ignoresNulls,
                targets: bounds.clamped(to: wanted))
            var shared = SharedSums()
            for member in members {
                do {
                    if members.count > 1, let writer = member.evaluator.makeWriter(partition, into: member.output) {
                        shared.add(writer)
                    } else {
                        try member.evaluator.evaluate(partition, into: member.output)
                    }
                } catch {
                    throw error.at(member.range)
                }
            }
            shared.write(partition.targets)
            place += 1
        }
        withExtendedLifetime(filter) {}
        return outputs.map { $0.finish() }
    }
}

extension ColumnVector {
    /// One byte a row of a flat BOOLEAN vector: 1 where it is true.
    func truthBytes() -> Buffer {
        let bytes = Buffer(byteCount: max(16, count))
        let target = bytes.values(UInt8.self)
        let source = values(UInt8.self)
        for row in 0..<count { target[row] = source[row] != 0 && !isNull(row) ? 1 : 0 }
        return bytes
    }
}

extension BoundWindowCall {
    /// Calls that reach farther are computed once for all rows.
    private static let farthestReach = 1 << 14

    /// How far its results reach, where they can be computed for some rows alone at little cost; nil for other calls.
    var reach: WindowReach? {
        guard let frame = constantFrame,
            let reach = evaluator.reach(WindowUse(frame: frame, ignoresNulls: ignoresNulls, isFiltered: filter != nil))
        else { return nil }
        return max(reach.before, reach.after) <= BoundWindowCall.farthestReach ? reach : nil
    }

    /// The frame, where it is one of a constant number of rows or the call uses none; nil for others.
    var constantFrame: ZLFunctions.WindowFrame? {
        guard frameUse == .frame else { return .rows(preceding: nil, following: nil) }
        guard frame.unit == .rows, frame.exclusion == .noOthers else { return nil }
        guard let start = frame.start.constantRows, let end = frame.end.constantRows else { return nil }
        return .rows(preceding: -start, following: end)
    }
}

extension BoundFrameBound {
    /// Rows behind the current one, negative before it; nil for bounds that are not constant.
    fileprivate var constantRows: Int? {
        switch self {
        case .currentRow: 0
        case .preceding(let offset): offset.constantRowCount.map { -$0 }
        case .following(let offset): offset.constantRowCount
        case .unboundedPreceding, .unboundedFollowing: nil
        }
    }
}

extension BoundExpression {
    fileprivate var constantRowCount: Int? {
        guard case .integer(let number)? = constantValue, number >= 0, number <= Int128(UInt32.max) else { return nil }
        return Int(number)
    }
}
