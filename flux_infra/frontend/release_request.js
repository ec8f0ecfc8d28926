// Viewer request: answers a page from the release that is live.
//
// The store's key "live" holds {"release", "pages", ...}; ops/site_pointer.py writes it. One read a request.
// Only what cloudfront-js-2.0 knows: no optional chaining, no for-await, no timers.
import cf from 'cloudfront';

const releases = cf.kvs();

async function handler(event) {
  const request = event.request;
  let live;
  try {
    live = await releases.get('live', { format: 'json' });
  } catch (error) {
    return {
      statusCode: 503,
      statusDescription: 'Service Unavailable',
      headers: {
        'cache-control': { value: 'no-store' },
        'content-type': { value: 'text/plain; charset=utf-8' },
        'retry-after': { value: '60' },
      },
      body: { encoding: 'text', data: 'No release of this site is live yet.' },
    };
  }
  request.uri = '/releases/' + live.release + '/' + file(request.uri.substring(1), live.pages);
  return request;
}

// A page has no extension, or ".html". Everything else is asked for by pages, under the very name it was built with.
function file(path, pages) {
  const name = path.split('/').pop();
  if (name.includes('.') && !name.endsWith('.html')) {
    return path;
  }
  const page = path.replace(/\.html$/, '').replace(/\/$/, '') || 'index';
  return (pages.includes(page) ? page : '404') + '.html';
}
