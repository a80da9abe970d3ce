/** Rules for what pages about datasets have beside text, tables and charts: faces. */
export const facesStyle = `
.pair img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 4px; display: block; background: var(--card); }
.pair figcaption, .classes .n { font-size: 0.75rem; }
.strip { overflow-x: auto; } .strip img { height: 84px; border-radius: 4px; display: block; }
.classes { display: grid; grid-template-columns: 110px 84px minmax(0, 1fr); gap: 8px 14px; align-items: center; margin: 8px 0; }
.classes b { font-weight: 600; } .classes .n { display: block; font-weight: 400; color: var(--soft); }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 14px; margin: 8px 0; }
.pair div { display: grid; grid-template-columns: 1fr 1fr; gap: 3px; } .pair figcaption { overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: 10px 34px; margin: 14px 0; } .figures div { min-width: 90px; }
.figures b { display: block; font-size: 1.375rem; font-weight: 600; } .figures span { color: var(--soft); font-size: 0.8125rem; }
`;
