import ZLColumnar

/// Which symbol an instrument id meant on a day.
///
/// Ids are unique within a day only: the exchange gives those of expired instruments to new ones. So the map holds intervals
/// of days sorted by (id, first day), not one entry an id.
struct DBNSymbolMap: Sendable {
    private struct Entry: Sendable {
        var instrument: UInt32
        var start: Int32
        var end: Int32
        var code: UInt32
    }

    /// Two symbols for one instrument on one day.
    struct Ambiguity: Hashable, Sendable {
        var instrument: UInt32
        var day: Int32
        var symbols: [String]
    }

    private var entries: [Entry] = []
    /// The distinct symbols; a code is a position in it.
    let symbols: ColumnVector
    /// The first contradiction, if there is one.
    let ambiguity: Ambiguity?

    init(_ metadata: DBNMetadata) {
        var codes: [String: UInt32] = [:]
        let builder = ColumnBuilder(type: .varchar)
        let idIsOut = metadata.symbolTypeOut == DBNMetadata.instrumentIDSymbology
        let idIsIn = metadata.symbolTypeIn == DBNMetadata.instrumentIDSymbology
        var found: [Entry] = []
        for mapping in metadata.mappings where idIsOut || idIsIn {
            for interval in mapping.intervals where !interval.symbol.isEmpty && interval.start < interval.end {
                let id = idIsOut ? interval.symbol : mapping.rawSymbol
                let symbol = idIsOut ? mapping.rawSymbol : interval.symbol
                guard let instrument = UInt32(id) else { continue }
                let code: UInt32
                if let known = codes[symbol] {
                    code = known
                } else {
                    code = UInt32(builder.count)
                    codes[symbol] = code
                    builder.append(text: symbol)
                }
                found.append(Entry(instrument: instrument, start: interval.start, end: interval.end, code: code))
            }
        }
        found.sort { ($0.instrument, $0.start) < ($1.instrument, $1.start) }
        symbols = builder.finish()
        var conflict: (Entry, Entry)?
        for entry in found {
            guard let last = entries.last, last.instrument == entry.instrument, last.end > entry.start else {
                entries.append(entry)
                continue
            }
            if last.code != entry.code, conflict == nil { conflict = (last, entry) }
            entries[entries.count - 1].end = max(last.end, entry.end)
        }
        ambiguity = conflict.map { [symbols] first, second in
            Ambiguity(
                instrument: first.instrument, day: second.start,
                symbols: [first, second].map { TextFormat.text(of: symbols, row: Int($0.code)) })
        }
    }

    /// The code of the symbol, and the days `start..<end` over which the answer holds; nil where nothing is mapped.
    func find(_ instrument: UInt32, day: Int32) -> (code: UInt32?, start: Int32, end: Int32) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            if (entry.instrument, entry.start) <= (instrument, day) { low = middle + 1 } else { high = middle }
        }
        guard low > 0, entries[low - 1].instrument == instrument, day < entries[low - 1].end else {
            return (nil, day, day + 1)
        }
        let entry = entries[low - 1]
        return (entry.code, entry.start, entry.end)
    }
}

/// Looks up one file's rows in a symbol map, with a memory of recent instruments: rows of few instruments follow each other.
struct DBNSymbolLookup {
    private struct Slot {
        var instrument: UInt32 = 0
        var start: Int32 = 0
        /// Not above `start`: the slot is empty.
        var end: Int32 = 0
        var code = DBNSymbolLookup.none
    }

    /// No symbol is known.
    static let none = UInt32.max
    private static let slotCount = 1024
    private let map: DBNSymbolMap
    private var slots = [Slot](repeating: Slot(), count: slotCount)

    init(_ map: DBNSymbolMap) { self.map = map }

    mutating func code(_ instrument: UInt32, day: Int32) -> UInt32 {
        let index = Int((instrument &* 0x9E37_79B1) >> 22)
        let slot = slots[index]
        if slot.instrument == instrument, day >= slot.start, day < slot.end { return slot.code }
        let (code, start, end) = map.find(instrument, day: day)
        slots[index] = Slot(instrument: instrument, start: start, end: end, code: code ?? DBNSymbolLookup.none)
        return code ?? DBNSymbolLookup.none
    }
}
