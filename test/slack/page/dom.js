// Makes elements. Text is only ever set as text: nothing that was written by anybody becomes markup.

/** `on…` are listeners, `data` goes to data-…, everything else is a property or an attribute. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'data') setData(element, value);
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.includes('-')) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(
    ...children
      .flat(Number.POSITIVE_INFINITY)
      .filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
}

function setData(element, data) {
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined && value !== null) element.dataset[name] = value;
  }
}
